// Workers of a queue as processes that tests kill, freeze and start again.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { childrenOf } from './ask-server.ts'
import { PROGRAM } from './program.ts'

export interface WorkerProcesses {
  readonly count: number
  start(index: number): void
  /** SIGKILL to it and to its engine; resolves when it is gone. */
  kill(index: number): Promise<void>
  signal(index: number, signal: NodeJS.Signals): void
  killAll(): Promise<void>
}

export interface OneWorker {
  /** The broker as it reaches it. */
  readonly url: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts them. @param home folder of the models, which they share */
export function startWorkers(workers: readonly OneWorker[], home: string): WorkerProcesses {
  const children = new Map<number, ChildProcess>()

  function start(index: number): void {
    const { url = '', environment = {} } = workers[index] ?? {}
    const env = { ...process.env, FLOCAP_HOME: home, ...environment }
    const args = [PROGRAM, 'worker', '--queue', url, '--threads', '1', '--log', 'quiet']
    children.set(index, spawn(process.execPath, args, { env, stdio: 'ignore' }))
  }

  async function kill(index: number): Promise<void> {
    const child = children.get(index)
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const engines = childrenOf(child.pid)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    for (const engine of engines) endProcess(engine)
    await ended
  }

  for (const index of workers.keys()) start(index)
  return {
    count: workers.length,
    start,
    kill,
    signal: (index, signal) => void children.get(index)?.kill(signal),
    async killAll() {
      await Promise.all([...workers.keys()].map(kill))
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
