// Workers of a queue that are killed, frozen and started again, connections that break, and a broker that goes
// away, at random moments.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestBroker } from './brokers.ts'
import type { TornWire } from './torn-wire.ts'
import type { WorkerProcesses } from './worker-processes.ts'

export interface Torment {
  readonly broker: TestBroker
  readonly workers: WorkerProcesses
  /** What some of them, and servers, reach the broker by. */
  readonly wires: readonly TornWire[]
}

/** How often each is done. */
export interface Blows {
  readonly kills: number
  readonly freezes: number
  readonly brokerRestarts: number
  /** Of each kind: connections cut, stalled for longer than anybody waits, half closed. */
  readonly tears: number
}

/** Between two blows. */
const LONGEST_PAUSE_MS = 4_000
const FREEZE_MS = 3_000
const BROKER_AWAY_MS = 1_500
/** Longer than SILENCE_MS of src/queue. */
const STALL_MS = 25_000

/** Deals all blows, in any order. */
export async function torment(
  { broker, workers, wires }: Torment,
  { kills, freezes, brokerRestarts, tears }: Blows,
): Promise<void> {
  const anyWorker = (): number => Math.floor(Math.random() * workers.count)
  const anyWire = (): TornWire | undefined => wires[Math.floor(Math.random() * wires.length)]

  const deal = {
    async kill() {
      const index = anyWorker()
      await workers.kill(index)
      workers.start(index)
    },
    async freeze() {
      const index = anyWorker()
      workers.signal(index, 'SIGSTOP')
      await sleep(FREEZE_MS)
      workers.signal(index, 'SIGCONT')
    },
    async restartBroker() {
      await broker.stop()
      await sleep(BROKER_AWAY_MS)
      await broker.start()
    },
    cut: async () => anyWire()?.cut(),
    halfClose: async () => anyWire()?.halfClose(),
    /** The others go on meanwhile. */
    async stall() {
      const wire = anyWire()
      wire?.stall(Math.random() < 0.5 ? 'answers' : 'both')
      void sleep(STALL_MS).then(() => wire?.heal())
    },
  }

  const times = { kill: kills, freeze: freezes, restartBroker: brokerRestarts }
  const torn = { cut: tears, halfClose: tears, stall: tears }
  const left = Object.entries({ ...times, ...torn }).flatMap(([kind, count]) =>
    Array.from({ length: count }, () => kind),
  )
  while (left.length > 0) {
    await sleep(Math.random() * LONGEST_PAUSE_MS)
    const [kind] = left.splice(Math.floor(Math.random() * left.length), 1)
    for (const [name, blow] of Object.entries(deal)) if (name === kind) await blow()
  }
}
