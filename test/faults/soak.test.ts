// Thousands of captions in every dialect, mixed with cancels and mistakes: neither memory nor
// descriptors grow with their number.
import { expect, it } from 'vitest'
import { askCaption, childrenOf, readMetrics, SCENES } from '../support/ask-server.ts'
import { figuresOf } from '../support/process-figures.ts'
import { startServerForTest } from '../support/program.ts'
import { floorSlope } from '../support/slope.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordResult, share } from './record-result.ts'

const CLIENTS = 4
/**
 * The engine keeps 64 MiB of encoded pictures, 2,621 of the demo model's: until they are there its
 * memory grows by design.
 */
const WARM_UP = 2_700
/** Every so many requests one hangs up after some milliseconds, and one makes a mistake. */
const CANCEL_EVERY = 7
const MISTAKE_EVERY = 11
const SAMPLE_MS = 500
/** Of the captions, those after which heaps have their size. */
const SETTLED_AFTER = 0.25
/** 1 MB in a thousand captions: a server that makes one each second grows by 86 MB a day. */
const MAX_KB_PER_CAPTION = 1
/** Connections that have just been closed. */
const MAX_MORE_DESCRIPTORS = 8

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

/** Runs `work` for 1, 2 ... `total`, by some clients at once. */
async function byClients(total: number, work: (index: number) => Promise<void>): Promise<void> {
  let begun = 0
  const client = async (): Promise<void> => {
    while (begun < total) {
      begun += 1
      await work(begun)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}

it('does not grow', async () => {
  const server = await startServerForTest(['--answer-cache-mb', '0'], {
    environment: { FLOCAP_HOME: temporaryFolder() },
  })
  await server.printed('Ready')
  const { url } = server
  const pids = { server: server.child.pid!, engine: childrenOf(server.child.pid!)[0]! }
  const warmUp = share(WARM_UP)
  await byClients(warmUp, async (index) => {
    const picture = Buffer.concat([SCENES[index % SCENES.length]!, Buffer.from(`warm ${index}`)])
    const { status } = await askCaption(url, picture, {
      query: 'task=caption&num_beams=1&max_new_tokens=3',
    })
    expect(status).toBe(200)
  })

  const total = share(3_500)
  const counts = { answered: 0, failed: 0, cancelled: 0, mistakes: 0 }
  let asked = 0
  const samples: { at: number; server: number; engine: number; descriptors: number }[] = []
  const timer = setInterval(() => {
    const [own, engine] = [figuresOf(pids.server), figuresOf(pids.engine)]
    samples.push({
      at: asked,
      server: own.residentKb,
      engine: engine.residentKb,
      descriptors: own.descriptors + engine.descriptors,
    })
  }, SAMPLE_MS)
  await byClients(total, async (index) => {
    asked = index
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
  })
  clearInterval(timer)

  const late = samples.filter(({ at }) => at > SETTLED_AFTER * total)
  const growth = {
    server: floorSlope(late.map((sample) => [sample.at, sample.server])),
    engine: floorSlope(late.map((sample) => [sample.at, sample.engine])),
  }
  const descriptors = [late[0]!.descriptors, late.at(-1)!.descriptors] as const
  const metrics = await readMetrics(url)
  const restarts = ['died', 'hung', 'memory'].map((cause) =>
    metrics.get(`flocap_engine_restarts_total{cause="${cause}"}`),
  )
  recordResult({
    name: 'soak',
    done: `after ${warmUp} to warm up, ${total} requests of ${CLIENTS} clients in ${DIALECTS.length} dialects, every ${CANCEL_EVERY}th hung up, every ${MISTAKE_EVERY}th a mistake`,
    numbers: {
      ...counts,
      restarts: restarts.join('/'),
      'server grows by (KB a caption)': growth.server.toFixed(2),
      'engine grows by (KB a caption)': growth.engine.toFixed(2),
      'server at the end (MB)': Math.round(late.at(-1)!.server / 1024),
      'engine at the end (MB)': Math.round(late.at(-1)!.engine / 1024),
      'descriptors at first and last': descriptors.join(', '),
    },
  })
  expect(counts.failed).toBe(0)
  expect(restarts).toEqual([0, 0, 0])
  expect(growth.server).toBeLessThan(MAX_KB_PER_CAPTION)
  expect(growth.engine).toBeLessThan(MAX_KB_PER_CAPTION)
  expect(descriptors[1]).toBeLessThanOrEqual(descriptors[0] + MAX_MORE_DESCRIPTORS)
})
