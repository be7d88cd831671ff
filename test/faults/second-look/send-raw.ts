// Bytes to a server, and the status that it answers with.
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from '../wires.ts'

const LOOK_MS = 10
/** A sender that stays silent so long says that it has no more to say. */
const QUIET_MS = 2_000

export interface RawAnswer {
  /** Undefined where the connection was closed instead. */
  readonly status: number | undefined
  readonly text: string
}

/** @throws Error when neither an answer nor the end of the connection comes in time. */
export async function sendRaw(
  url: string,
  bytes: Uint8Array,
  patienceMs: number,
): Promise<RawAnswer> {
  const wire = await open(url)
  let isClosed = false
  wire.socket.once('close', () => {
    isClosed = true
  })
  wire.socket.write(bytes)
  const began = performance.now()
  let hasEnded = false
  try {
    for (;;) {
      const status = statusOf(wire.received())
      if (status !== undefined || isClosed) return { status, text: wire.received().slice(0, 2000) }
      const waited = performance.now() - began
      if (waited > patienceMs) throw new Error(`no answer in ${patienceMs} ms`)
      if (waited > QUIET_MS && !hasEnded) {
        hasEnded = true
        wire.socket.end()
      }
      await sleep(LOOK_MS)
    }
  } finally {
    wire.socket.destroy()
  }
}

/** Of the final answer: 100 and 103 are only said on the way. */
function statusOf(received: string): number | undefined {
  const statuses = [...received.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) =>
    Number(status),
  )
  return statuses.find((status) => status >= 200)
}
