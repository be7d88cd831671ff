// Thousands of captions in every dialect, mixed with cancels and mistakes: nothing that the server or its
// engine holds grows with their number.
//
// Between two rounds nobody asks, garbage is collected, and what is left is counted. It fails where the
// 95 % interval of a growth lies above its limit; an interval with the limit inside has not decided, and
// the result says so: ask for more requests then. `FLOCAP_FAULTS=0.03` tries it with 300, without a verdict.
import { expect, it } from 'vitest'
import { askCaption, childrenOf, readMetrics, SCENES } from '../support/ask-server.ts'
import { type LiveFigures, probeEnvironment, readLiveFigures } from '../support/live-figures.ts'
import { startServerForTest } from '../support/program.ts'
import { fitGrowth, type Growth, type Point } from '../support/slope.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { IS_WHOLE, recordResult, share } from './record-result.ts'

const CLIENTS = 4
/**
 * The engine keeps 64 MiB of encoded pictures, 2,621 of the demo model's: until they are there its
 * memory grows by design.
 */
const WARM_UP = 2_700
/** Every so many requests one hangs up after some milliseconds, and one makes a mistake. */
const CANCEL_EVERY = 7
const MISTAKE_EVERY = 11
const REQUESTS = 10_000
/** Samples for the line: some hundred requests between two. */
const ROUNDS = 64
/** Of the rounds, those after which heaps have their size. */
const SETTLED_AFTER = 0.25
/** 1 MB in a thousand requests: a server that is asked each second grows by 86 MB a day. */
const MAX_BYTES_PER_REQUEST = 1_024
/** Of handles, threads and the like, one in a thousand requests. */
const MAX_COUNT_PER_REQUEST = 0.001

interface Ask {
  readonly path: string
  readonly body: unknown
}

/** The same question in each dialect. */
const DIALECTS: readonly ((image: string) => Ask)[] = [
  (image) => ({ path: '/api/v1/caption', body: { image, task: 'caption' } }),
  (image) => ({ path: '/v1/chat/completions', body: { messages: chat(image) } }),
  (image) => ({ path: '/v1/chat/completions', body: { messages: chat(image), stream: true } }),
  (image) => ({
    path: '/v1/responses',
    body: { input: [{ role: 'user', content: [{ type: 'input_image', image_url: image }] }] },
  }),
  (image) => ({ path: '/api/generate', body: { images: [image], prompt: 'x' } }),
  (image) => ({ path: '/api/v1/caption', body: { image, tasks: ['od', 'ocr'], overlay: 'png' } }),
  (image) => ({ path: '/api/caption', body: { image } }),
  (image) => ({ path: '/sdapi/v1/interrogate', body: { image, model: 'clip' } }),
]

/** Each is refused: no picture, half a picture, no JSON, no such route. */
const MISTAKES: readonly Ask[] = [
  { path: '/api/v1/caption', body: {} },
  {
    path: '/v1/chat/completions',
    body: { messages: chat(`data:;base64,${SCENES[0]!.subarray(0, 900).toString('base64')}`) },
  },
  { path: '/api/generate', body: '{"images":' },
  { path: '/nowhere', body: {} },
]

function chat(url: string): unknown {
  return [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }]
}

/** The scene with bytes behind its end that no decoder reads: another picture to every cache. */
function pictureOf(index: number): Buffer {
  const scene = SCENES[index % SCENES.length]!
  return index % 2 === 0 ? scene : Buffer.concat([scene, Buffer.from(`soak ${index}`)])
}

/** @returns the status, once the whole answer was read. */
async function post(url: string, { path, body }: Ask, signal?: AbortSignal): Promise<number> {
  const response = await fetch(url + path, {
    method: 'POST',
    // As in askCaption.
    headers: { connection: 'close' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })
  await response.arrayBuffer()
  return response.status
}

/** Runs `work` for each number from `first` to `last`, by some clients at once. */
async function byClients(
  first: number,
  last: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = first
  const client = async (): Promise<void> => {
    while (next <= last) {
      next += 1
      await work(next - 1)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}

/** Asks for `total` pictures that no cache knows, with as little work as can be. */
async function fillCaches(url: string, total: number): Promise<void> {
  await byClients(1, total, async (index) => {
    const picture = Buffer.concat([SCENES[index % SCENES.length]!, Buffer.from(`warm ${index}`)])
    const query = 'task=caption&num_beams=1&max_new_tokens=3'
    expect((await askCaption(url, picture, { query })).status).toBe(200)
  })
}

interface Counts {
  answered: number
  failed: number
  cancelled: number
  mistakes: number
}

async function askOnce(url: string, index: number, counts: Counts): Promise<void> {
  if (index % MISTAKE_EVERY === 0) {
    const status = await post(url, MISTAKES[(index / MISTAKE_EVERY) % MISTAKES.length]!)
    if (status === 400 || status === 404) counts.mistakes += 1
    else counts.failed += 1
    return
  }
  const hangsUp = index % CANCEL_EVERY === 0
  const signal = hangsUp ? AbortSignal.timeout(20 + (index % 200)) : undefined
  const image = `data:image/png;base64,${pictureOf(index).toString('base64')}`
  try {
    const status = await post(url, DIALECTS[index % DIALECTS.length]!(image), signal)
    if (status === 200) counts.answered += 1
    else counts.failed += 1
  } catch (error) {
    if (signal?.aborted !== true) throw error
    counts.cancelled += 1
  }
}

/** Waits until what was hung up is given up inside, too. */
async function untilQuiet(url: string): Promise<void> {
  await expect
    .poll(async () => {
      const metrics = await readMetrics(url)
      return [
        metrics.get('flocap_running'),
        metrics.get('flocap_queue_depth{priority="interactive"}'),
      ]
    })
    .toEqual([0, 0])
}

/** Each figure's growth for a request, by its name; those that stay the same have none. */
function growthsOf(samples: readonly (readonly [asked: number, LiveFigures])[]): Verdict[] {
  const [, first] = samples[0]!
  const names = Object.keys(first) as (keyof LiveFigures)[] // oxlint-disable-line typescript/no-unsafe-type-assertion -- of an object literal
  return names.map((name) => {
    const points = samples.map(([asked, figures]): Point => [asked, figures[name]])
    const limit = name.endsWith('Bytes') ? MAX_BYTES_PER_REQUEST : MAX_COUNT_PER_REQUEST
    const growth = fitGrowth(points)
    const decided = growth.low > limit ? 'grows' : growth.high <= limit ? 'holds' : 'undecided'
    return { name, growth, decided }
  })
}

interface Verdict {
  readonly name: string
  readonly growth: Growth
  readonly decided: 'holds' | 'grows' | 'undecided'
}

/** Bytes as they are, counts in a thousand requests. */
function showVerdict({ name, growth, decided }: Verdict): string {
  const { slope, low, high } = growth
  const scale = name.endsWith('Bytes') ? 1 : 1_000
  const [middle, from, to] = [slope, low, high].map((value) => (value * scale).toFixed(1))
  return `${middle} [${from}, ${to}] ${decided}`
}

it('does not grow', async () => {
  const folder = temporaryFolder()
  const server = await startServerForTest(['--answer-cache-mb', '0'], {
    environment: { FLOCAP_HOME: temporaryFolder(), ...probeEnvironment(folder) },
  })
  await server.printed('Ready')
  const { url } = server
  const pids = { server: server.child.pid!, engine: childrenOf(server.child.pid!)[0]! }
  const warmUp = share(WARM_UP)
  await fillCaches(url, warmUp)

  const total = share(REQUESTS)
  const counts: Counts = { answered: 0, failed: 0, cancelled: 0, mistakes: 0 }
  const samples: { server: [number, LiveFigures][]; engine: [number, LiveFigures][] } = {
    server: [],
    engine: [],
  }
  const began = performance.now()
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = Math.floor((round * total) / ROUNDS) + 1
    const to = Math.floor(((round + 1) * total) / ROUNDS)
    await byClients(from, to, async (index) => askOnce(url, index, counts))
    await untilQuiet(url)
    samples.server.push([to, await readLiveFigures(pids.server, folder)])
    samples.engine.push([to, await readLiveFigures(pids.engine, folder)])
  }
  const minutes = (performance.now() - began) / 60_000

  const settled = Math.floor(SETTLED_AFTER * ROUNDS)
  const verdicts = [
    ...growthsOf(samples.server.slice(settled)).map((each) => ({ of: 'server', ...each })),
    ...growthsOf(samples.engine.slice(settled)).map((each) => ({ of: 'engine', ...each })),
  ]
  const metrics = await readMetrics(url)
  const restarts = ['died', 'hung', 'memory'].map((cause) =>
    metrics.get(`flocap_engine_restarts_total{cause="${cause}"}`),
  )
  const megabytesOf = (list: [number, LiveFigures][]): string =>
    [list[settled]!, list.at(-1)!]
      .map(([, { residentBytes }]) => Math.round(residentBytes / 2 ** 20))
      .join(', ')
  recordResult({
    name: 'soak',
    done: `after ${warmUp} to warm up, ${total} requests of ${CLIENTS} clients in ${DIALECTS.length} dialects, every ${CANCEL_EVERY}th hung up, every ${MISTAKE_EVERY}th a mistake; growth in bytes a request or counts in a thousand, its 95 % interval, and whether it holds the limit`,
    numbers: {
      ...counts,
      minutes: minutes.toFixed(1),
      restarts: restarts.join('/'),
      ...Object.fromEntries(verdicts.map((each) => [`${each.of} ${each.name}`, showVerdict(each)])),
      'server resident at first and last (MB)': megabytesOf(samples.server),
      'engine resident at first and last (MB)': megabytesOf(samples.engine),
    },
  })
  expect(counts.failed).toBe(0)
  expect(restarts).toEqual([0, 0, 0])
  // Caches that a shorter one has not filled still grow.
  const grown = IS_WHOLE ? verdicts.filter(({ decided }) => decided === 'grows') : []
  expect(grown).toEqual([])
})
