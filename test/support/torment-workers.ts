// Workers of a queue that are killed, frozen and started again, and a broker that goes away, at random moments.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { childrenOf } from './ask-server.ts'
import type { TestBroker } from './brokers.ts'
import { PROGRAM } from './program.ts'

export interface Torment {
  readonly broker: TestBroker
  readonly workers: number
  /** Folder of the models; the workers share it. */
  readonly home: string
  /** For the first worker: a clock that is wrong, say. */
  readonly firstEnvironment?: Readonly<Record<string, string>>
}

export interface Tormented {
  readonly kills: number
  readonly freezes: number
  readonly brokerRestarts: number
}

/** Between two blows. */
const LONGEST_PAUSE_MS = 4_000
const FREEZE_MS = 3_000
const BROKER_AWAY_MS = 1_500

/** Goes on until it has dealt so many blows; the workers work on until `end`. */
export function tormentWorkers(
  { broker, workers, home, firstEnvironment = {} }: Torment,
  blows: number,
) {
  const children = new Map<number, ChildProcess>()
  let kills = 0
  let freezes = 0
  let brokerRestarts = 0

  function start(index: number): void {
    const env = { ...process.env, FLOCAP_HOME: home, ...(index === 0 ? firstEnvironment : {}) }
    const args = [PROGRAM, 'worker', '--queue', broker.url, '--threads', '1', '--log', 'quiet']
    children.set(index, spawn(process.execPath, args, { env, stdio: 'ignore' }))
  }

  async function kill(index: number): Promise<void> {
    const child = children.get(index)
    if (child?.pid === undefined || child.exitCode !== null) return
    const engines = childrenOf(child.pid)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    for (const engine of engines) endProcess(engine)
    await ended
  }

  async function strike(): Promise<void> {
    const index = Math.floor(Math.random() * workers)
    const kind = Math.random()
    if (kind < 0.65) {
      await kill(index)
      start(index)
      kills += 1
    } else if (kind < 0.85) {
      const child = children.get(index)
      child?.kill('SIGSTOP')
      await sleep(FREEZE_MS)
      child?.kill('SIGCONT')
      freezes += 1
    } else {
      await broker.stop()
      await sleep(BROKER_AWAY_MS)
      await broker.start()
      brokerRestarts += 1
    }
  }

  async function torment(): Promise<void> {
    for (let blow = 0; blow < blows; blow += 1) {
      await sleep(Math.random() * LONGEST_PAUSE_MS)
      await strike()
    }
  }

  for (let index = 0; index < workers; index += 1) start(index)
  const over = torment()
  return {
    async end(): Promise<Tormented> {
      await over
      for (let index = 0; index < workers; index += 1) await kill(index)
      return { kills, freezes, brokerRestarts }
    },
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended with its worker.
  }
}
