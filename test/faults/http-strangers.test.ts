// Strangers without a key who ask and do not read, or send what is tedious to parse, at sizes that once
// filled the memory and kept everybody out. Meanwhile an honest client is served.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loopDelayEnvironment, readLoopDelay } from '../support/loop-delay.ts'
import { figuresOf } from '../support/process-figures.ts'
import { type RunningServer, startServer } from '../support/program.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'
import { askAsHonest, type Honest, lessThan, servedAsIn } from './honest-client.ts'
import { IS_WHOLE, recordResult } from './record-result.ts'
import { openMany } from './wires.ts'

const MAX_RESIDENT_MB = 300
const MAX_LOOP_DELAY_MS = 50
/** A connection that does not read makes room after so long, see src/http/sockets/connections.ts. */
const QUIET_MS = 2_500

let server: RunningServer
let peace: Honest
let script: string
const home = createFolder()
const numbers: Record<string, number | string> = {}

beforeAll(async () => {
  server = await startServer(['--answer-cache-mb', '0'], {
    environment: { FLOCAP_HOME: home, ...loopDelayEnvironment(home) },
  })
  await server.printed('Ready')
  const page = await (await fetch(server.url, { headers: { accept: 'text/html' } })).text()
  script = /src="(?<path>[^"]+\.js)"/.exec(page)!.groups!['path']!
  await askAsHonest(server.url)
  peace = await askAsHonest(server.url)
  numbers['in peace: /health, caption p50 (ms)'] = `${peace.health}, ${peace.caption}`
})

afterAll(async () => {
  await server.stop('SIGKILL')
  removeFolder(home)
  recordResult({
    name: 'http (strangers)',
    done: 'pipelined requests for the page whose answers are not read, more such connections than there are places, and multipart bodies of many parts or large ones; beside each an honest client, the memory of the HTTP process and the delay of its event loop',
    numbers,
  })
})

interface Figures {
  readonly honest: Honest
  /** The most memory of the HTTP process, in MB. */
  readonly residentMb: number
  /** Of its event loop, the 99.9th percentile in milliseconds. */
  readonly loopDelayMs: number
}

/** What was asked for: others are served, and the HTTP process keeps its size and its pace. */
const bearable = (): Readonly<Record<keyof Figures, unknown>> => ({
  honest: servedAsIn(peace),
  residentMb: lessThan(MAX_RESIDENT_MB),
  loopDelayMs: IS_WHOLE ? lessThan(MAX_LOOP_DELAY_MS) : expect.any(Number),
})

/** Runs `attack`, and meanwhile asks as an honest client and watches the HTTP process. */
async function figuresBeside(name: string, attack: () => Promise<() => void>): Promise<Figures> {
  const pid = server.child.pid!
  await readLoopDelay(pid, home)
  let residentMb = 0
  const look = (): void => {
    residentMb = Math.max(residentMb, Math.round(figuresOf(pid).residentKb / 1024))
  }
  const looking = setInterval(look, 50)
  const end = await attack()
  const honest = await askAsHonest(server.url)
  clearInterval(looking)
  look()
  const { mostMs, longestMs } = await readLoopDelay(pid, home)
  end()
  numbers[`${name}: /health, caption (ms), memory (MB), loop p99.9, longest (ms)`] =
    `${honest.health}, ${honest.caption}, ${residentMb}, ${Math.round(mostMs)}, ${Math.round(longestMs)}`
  return { honest, residentMb, loopDelayMs: mostMs }
}

/** Connections that ask for the page's script again and again and read nothing. */
async function askWithoutReading(connections: number, times: number): Promise<() => void> {
  const wires = await openMany(server.url, connections, { reads: false })
  const ask = `GET ${script} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(times)
  for (const { socket } of wires) socket.write(ask)
  return () => {
    for (const { socket } of wires) socket.destroy()
  }
}

for (const connections of [10, 700]) {
  it(`serves others beside ${connections} connections with 1,000 unread answers each`, async () => {
    const attack = async () => askWithoutReading(connections, 1_000)
    expect(await figuresBeside(`${connections} x 1,000 unread`, attack)).toEqual(bearable())
  })
}

it('serves others beside more connections than places, each with too many requests', async () => {
  const attack = async () => askWithoutReading(1_060, 25)
  expect(await figuresBeside('1,060 x 25 unread', attack)).toEqual(bearable())
})

it('serves others beside more connections than places, each with as many as may wait', async () => {
  const attack = async () => {
    const end = await askWithoutReading(1_060, 16)
    await delay(QUIET_MS)
    return end
  }
  expect(await figuresBeside('1,060 x 16 unread', attack)).toEqual(bearable())
})

const LINE = '--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
const MULTIPART: readonly (readonly [name: string, body: () => Buffer])[] = [
  ['400,000 empty parts', () => Buffer.from(`${LINE}\r\n\r\n`.repeat(400_000))],
  ['10,000,000 headers of parts', () => Buffer.from(`${LINE}${'a:b\r\n'.repeat(10_000_000)}\r\n`)],
  [
    'a name of 60 MB',
    () => Buffer.from(`--b\r\nContent-Disposition: form-data; name="${'a'.repeat(60e6)}"\r\n\r\n`),
  ],
  ['boundaries that almost come', () => Buffer.from(`${LINE}\r\n${'\r\n--'.repeat(14e6)}`)],
]

for (const [name, make] of MULTIPART) {
  it(`serves others beside a form with ${name}`, async () => {
    const body = make()
    let status: Promise<number> | undefined
    const figures = await figuresBeside(`form with ${name}`, async () => {
      status = fetch(`${server.url}/api/v1/caption`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        body,
      }).then(
        async (response) => (await response.arrayBuffer(), response.status),
        // Cut off in the middle of what it sends.
        () => 0,
      )
      return () => undefined
    })
    expect(figures).toEqual(bearable())
    expect([0, 400, 413]).toContain(await status)
  })
}
