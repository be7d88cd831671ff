// Kills the engine of a running server again and again while clients ask, and counts what they got.
import { setTimeout as delay } from 'node:timers/promises'
import { askCaption, childrenOf, readMetrics, SCENES } from './ask-server.ts'
import type { RunningServer } from './program.ts'

const CLIENTS = 4
/** More than there are clients: each death's requests were answered, and some new ones. */
const ANSWERS_BETWEEN_KILLS = 6
/** SIGSTOP makes it hang. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGSEGV', 'SIGSTOP']
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

/** The server must cache no answers and have a short engine timeout. */
export async function killEngines(server: RunningServer, kills: number): Promise<KillResult> {
  const expected: string[] = []
  for (const scene of SCENES) expected.push((await askCaption(server.url, scene)).body)

  let answers = 0
  const lost: string[] = []
  let wrong = 0
  let slowestMs = 0
  let running = true
  const client = async (index: number): Promise<void> => {
    for (let turn = index; running; turn += 1) {
      const scene = turn % SCENES.length
      const began = performance.now()
      const { status, body } = await askCaption(server.url, SCENES[scene]!)
      slowestMs = Math.max(slowestMs, performance.now() - began)
      answers += 1
      if (status !== 200) lost.push(`${status} ${body}`)
      else if (body !== expected[scene]) wrong += 1
    }
  }
  const clients = Array.from({ length: CLIENTS }, async (_, index) => client(index))
  for (let kill = 0; kill < kills; kill += 1) {
    const before = answers
    while (answers < before + ANSWERS_BETWEEN_KILLS) await delay(20)
    await delay((kill * 37) % MAX_DELAY_MS)
    for (const pid of childrenOf(server.child.pid!)) {
      process.kill(pid, SIGNALS[kill % SIGNALS.length]!)
    }
  }
  const before = answers
  while (answers < before + ANSWERS_BETWEEN_KILLS) await delay(20)
  running = false
  await Promise.all(clients)
  const metrics = await readMetrics(server.url)
  const restarts = ['died', 'hung', 'memory'].map(
    (cause) => metrics.get(`flocap_engine_restarts_total{cause="${cause}"}`) ?? 0,
  )
  return {
    answers,
    lost,
    wrong,
    restarts: restarts.reduce((sum, count) => sum + count, 0),
    slowestMs: Math.round(slowestMs),
  }
}
