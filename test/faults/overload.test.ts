// Twenty times what fits, for a minute: whatever is admitted is answered at the speed of an ordinary
// day, the rest is told when to come back, another client is not shut out, and it ends at once.
//
// The flood is made on the cores that FloCap runs on. So the capacity it is held against is measured
// beside the same flood too, sent to a server that does nothing but refuse.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { type Answer, askCaption, readMetrics, SCENES } from '../support/ask-server.ts'
import { portOf } from '../support/port-of.ts'
import { startServerForTest } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { IS_WHOLE, percentile, recordResult, share } from './record-result.ts'

const MAX_QUEUE = 16
const PLACES = 4
const TIMES_CAPACITY = 20
const FLOOD_MS = 60_000
const CAPACITY_MS = 15_000
const TICK_MS = 20
const MODEST_PAUSE_MS = 1_000
/** Time until the queue is empty, to that which the calm server takes for as many captions. */
const MAX_RECOVERY_RATIO = 3
/** Accepted captions to those of a server that is just busy. */
const LEAST_SHARE = 0.9
const ALLOWED = new Set([200, 429, 503])

/** Work like that of a real model's caption: some ten a second, not dozens. */
const TASKS = ['more_detailed_caption', 'dense_region_caption', 'ocr_with_region', 'od']
const QUERY = `${TASKS.map((task) => `tasks=${task}`).join('&')}&num_beams=5`

let made = 0

/** A picture that no cache knows, and the same work each time. */
async function ask(url: string, localAddress: string): Promise<Answer> {
  made += 1
  const picture = Buffer.concat([SCENES[made % SCENES.length]!, Buffer.from(`overload ${made}`)])
  return askCaption(url, picture, { localAddress, query: QUERY })
}

/** Sends requests at a steady rate; the caller ends it and has the answers. */
function startFlood(url: string, perSecond: number): { end: () => Promise<Answer>[] } {
  const sent: Promise<Answer>[] = []
  const began = performance.now()
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond)
    while (sent.length < due) sent.push(ask(url, '127.0.0.1'))
  }, TICK_MS)
  return {
    end: () => {
      clearInterval(timer)
      return sent
    },
  }
}

/** A server that reads whatever comes and refuses it. */
async function startRefusing(): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume()
    incoming.once('end', () => outgoing.writeHead(503).end())
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${portOf(server)}`
}

/** Captions a second with as many clients as the model takes at once. */
async function measureCapacity(url: string): Promise<number> {
  const began = performance.now()
  let answered = 0
  const client = async (): Promise<void> => {
    while (performance.now() - began < share(CAPACITY_MS)) {
      expect((await ask(url, '127.0.0.1')).status).toBe(200)
      answered += 1
    }
  }
  await Promise.all(Array.from({ length: PLACES }, client))
  return answered / ((performance.now() - began) / 1000)
}

it('stays in order under twenty times its load', async () => {
  const server = await startServerForTest(
    ['--answer-cache-mb', '0', '--max-queue', String(MAX_QUEUE)],
    { environment: { FLOCAP_HOME: temporaryFolder() } },
  )
  await server.printed('Ready')
  const { url } = server
  await measureCapacity(url)
  const alone = await measureCapacity(url)
  const perSecond = TIMES_CAPACITY * alone
  const refusing = await startRefusing()
  const measureBesideFlood = async (): Promise<number> => {
    const flood = startFlood(refusing, perSecond)
    const capacity = await measureCapacity(url)
    await Promise.all(flood.end())
    return capacity
  }
  const before = await measureBesideFlood()

  const modest: Promise<Answer>[] = []
  const health: number[] = []
  const state = { floods: true }
  const askModestly = async (): Promise<void> => {
    while (state.floods) {
      const answer = ask(url, '127.0.0.2')
      modest.push(answer)
      await answer
      await delay(MODEST_PAUSE_MS)
    }
  }
  const watchHealth = async (): Promise<void> => {
    while (state.floods) {
      const began = performance.now()
      await (await fetch(`${url}/health`)).arrayBuffer()
      health.push(performance.now() - began)
      await delay(200)
    }
  }
  const others = [askModestly(), watchHealth()]
  const countAnswered = async (): Promise<number> => {
    const metrics = await readMetrics(url)
    return [...metrics]
      .filter(([name]) => name.startsWith('flocap_requests_total') && name.includes('"200"'))
      .filter(([name]) => name.includes('native'))
      .reduce((sum, [, count]) => sum + count, 0)
  }
  const [answeredBefore, began] = [await countAnswered(), performance.now()]
  const running = startFlood(url, perSecond)
  await delay(share(FLOOD_MS))
  const flood = running.end()
  state.floods = false
  const accepted = ((await countAnswered()) - answeredBefore) / ((performance.now() - began) / 1000)

  const ended = performance.now()
  expect((await ask(url, '127.0.0.3')).status).toBe(200)
  while (((await readMetrics(url)).get('flocap_queue_depth{priority="interactive"}') ?? NaN) > 0)
    await delay(20)
  const recoveryMs = performance.now() - ended
  await Promise.all(others)
  const answers = await Promise.all(flood)
  const after = await measureBesideFlood()
  const calm = await measureCapacity(url)

  // Whoever else uses the machine meanwhile slows all three alike.
  const capacity = (before + after) / 2
  // The slower of both: who has begun to use the machine meanwhile slowed the recovery too. One more
  // than had places asked when the flood had ended.
  const calmMs = ((MAX_QUEUE + PLACES + 1) / Math.min(alone, calm)) * 1_000
  const recoveryRatio = recoveryMs / calmMs
  const statuses = new Map<number, number>()
  for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  const modestAnswers = await Promise.all(modest)
  recordResult({
    name: 'overload',
    done: `${flood.length} requests in ${share(FLOOD_MS) / 1000} s, ${TIMES_CAPACITY} times the capacity, with room for ${MAX_QUEUE + PLACES}, and ${modest.length} of another client`,
    numbers: {
      'captions a second alone, before and after': `${alone.toFixed(1)}, ${calm.toFixed(1)}`,
      'beside a flood of another server, before and after': `${before.toFixed(1)}, ${after.toFixed(1)}`,
      'under its own flood': accepted.toFixed(1),
      'statuses of the flood': [...statuses].map(([s, count]) => `${count} x ${s}`).join(' '),
      'of the other client answered': modestAnswers.filter(({ status }) => status === 200).length,
      'recovered after (ms)': Math.round(recoveryMs),
      'to the calm server': recoveryRatio.toFixed(2),
      '/health p50 (ms)': percentile(health, 0.5),
      '/health p99 (ms)': percentile(health, 0.99),
    },
  })
  expect([...statuses.keys()].filter((status) => !ALLOWED.has(status))).toEqual([])
  for (const { status, retryAfter } of answers) {
    if (status !== 200) expect(Number(retryAfter)).toBeGreaterThan(0)
  }
  expect(modestAnswers.map(({ status }) => status)).toEqual(modestAnswers.map(() => 200))
  expect(recoveryRatio).toBeLessThan(MAX_RECOVERY_RATIO)
  // In a flood of seconds none may have ended.
  expect(accepted).toBeGreaterThan(IS_WHOLE ? LEAST_SHARE * capacity : -1)
})
