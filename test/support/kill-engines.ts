// Kills the engine of a running server again and again while clients ask, and counts what they got.
import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { askCaption, childrenOf, readMetrics, SCENES } from './ask-server.ts'
import type { RunningServer } from './program.ts'

const CLIENTS = 4
/** More than there are clients: each death's requests were answered, and some new ones. */
const ANSWERS_BETWEEN_KILLS = 6
/** SIGSTOP makes it hang; the last leaves it no memory to allocate. Linux only. */
const KILLS: readonly ((pid: number) => void)[] = [
  (pid) => process.kill(pid, 'SIGKILL'),
  (pid) => process.kill(pid, 'SIGSEGV'),
  (pid) => process.kill(pid, 'SIGSTOP'),
  (pid) => execFileSync('prlimit', ['--pid', String(pid), '--as=1']),
]
/**
 * An engine that may allocate no more either dies at the next need or goes on answering with the memory
 * it has: after this many answers it is killed like the others.
 */
const ANSWERS_WITHOUT_MEMORY = 3 * ANSWERS_BETWEEN_KILLS
/** Kills fall into every part of a caption. */
const MAX_DELAY_MS = 150

export interface KillResult {
  readonly answers: number
  /** Answers with another status than 200: what they said. */
  readonly lost: readonly string[]
  /** Other texts than the undisturbed engine gave. */
  readonly wrong: number
  readonly restarts: number
  readonly slowestMs: number
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The server must cache no answers and have a short engine timeout. */
export async function killEngines(server: RunningServer, kills: number): Promise<KillResult> {
  const expected: string[] = []
  for (const scene of SCENES) expected.push((await askCaption(server.url, scene)).body)

  const count = { answers: 0, wrong: 0, slowestMs: 0, running: true }
  const lost: string[] = []
  const client = async (index: number): Promise<void> => {
    for (let turn = index; count.running; turn += 1) {
      const scene = turn % SCENES.length
      const began = performance.now()
      const { status, body } = await askCaption(server.url, SCENES[scene]!)
      count.slowestMs = Math.max(count.slowestMs, performance.now() - began)
      count.answers += 1
      if (status !== 200) lost.push(`${status} ${body}`)
      else if (body !== expected[scene]) count.wrong += 1
    }
  }
  const untilRecovered = async (): Promise<void> => {
    const wanted = count.answers + ANSWERS_BETWEEN_KILLS
    const recovered = (): boolean => count.answers >= wanted
    while (!recovered()) await delay(20)
  }
  const clients = Array.from({ length: CLIENTS }, async (_, index) => client(index))
  for (let kill = 0; kill < kills; kill += 1) {
    await untilRecovered()
    await delay((kill * 37) % MAX_DELAY_MS)
    for (const pid of childrenOf(server.child.pid!)) {
      KILLS[kill % KILLS.length]!(pid)
      // One that hangs or finds no memory dies a little later.
      const patience = count.answers + ANSWERS_WITHOUT_MEMORY
      while (isAlive(pid)) {
        await delay(20)
        if (count.answers > patience && isAlive(pid)) process.kill(pid, 'SIGKILL')
      }
    }
  }
  await untilRecovered()
  count.running = false
  await Promise.all(clients)
  const metrics = await readMetrics(server.url)
  const restarts = ['died', 'hung', 'memory'].map(
    (cause) => metrics.get(`flocap_engine_restarts_total{cause="${cause}"}`) ?? 0,
  )
  return {
    answers: count.answers,
    lost,
    wrong: count.wrong,
    restarts: restarts.reduce((sum, each) => sum + each, 0),
    slowestMs: Math.round(count.slowestMs),
  }
}
