// Thousands of damaged pictures: each is answered or refused, none ends the engine.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { askCaption, readMetrics, SCENES } from '../support/ask-server.ts'
import { startServerForTest } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordResult, share } from './record-result.ts'

const PICTURES = new URL('../fixtures/pictures/', import.meta.url)
const PICTURE_FILE = /\.(?:jpe?g|png|webp|gif|bmp|tiff?|avif|heic|jxl|ico|cur|tga|p[bgp]m|qoi)$/i
const CLIENTS = 4
const SEED = 20_261_124

it('survives damaged pictures', async () => {
  const server = await startServerForTest(['--answer-cache-mb', '0', '--engine-timeout', '30'], {
    environment: { FLOCAP_HOME: temporaryFolder() },
  })
  await server.printed('Ready')
  const files = readdirSync(PICTURES, { recursive: true, encoding: 'utf8' })
    .filter((name) => PICTURE_FILE.test(name))
    .map((name) => readFileSync(new URL(name, PICTURES)))
  const seeds = [...files, ...SCENES]
  const random = createRandom(SEED)
  const total = share(5000)
  const statuses = new Map<number, number>()
  let made = 0
  let slowestMs = 0
  const client = async (): Promise<void> => {
    while (made < total) {
      made += 1
      const picture = mutate(seeds[made % seeds.length]!, random)
      const began = performance.now()
      const { status } = await askCaption(server.url, picture, {
        query: 'task=caption&num_beams=1&max_new_tokens=3',
      })
      slowestMs = Math.max(slowestMs, performance.now() - began)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const metrics = await readMetrics(server.url)
  const restarts = ['died', 'hung'].map(
    (cause) => metrics.get(`flocap_engine_restarts_total{cause="${cause}"}`) ?? NaN,
  )
  const others = [...statuses].filter(([status]) => status !== 200 && status !== 400)
  recordResult({
    name: 'pictures',
    done: `${total} mutations of ${seeds.length} pictures`,
    numbers: {
      captioned: statuses.get(200) ?? 0,
      refused: statuses.get(400) ?? 0,
      'other answers': others.map(([status, count]) => `${count} x ${status}`).join(' ') || 0,
      'engines that died, hung': restarts.join(', '),
      'slowest (ms)': Math.round(slowestMs),
    },
  })
  expect(others).toEqual([])
  expect(restarts).toEqual([0, 0])
  expect((await askCaption(server.url, SCENES[0]!)).status).toBe(200)
})

/** Some bytes changed, most often near the start, where the headers are; sometimes cut or doubled. */
function mutate(picture: Uint8Array, random: () => number): Uint8Array {
  const bytes = Buffer.from(picture)
  const changes = 1 + Math.floor(random() * 8)
  for (let change = 0; change < changes; change += 1) {
    const range = random() < 0.6 ? Math.min(bytes.length, 200) : bytes.length
    const values = [0, 255, 127, Math.floor(random() * 256)]
    bytes[Math.floor(random() * range)] = values[Math.floor(random() * values.length)]!
  }
  const kind = random()
  if (kind < 0.15) return bytes.subarray(0, Math.ceil(random() * bytes.length))
  if (kind < 0.25) {
    const at = Math.floor(random() * bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.floor(at / 2))])
  }
  return bytes
}

/** Mulberry32: the same pictures at every run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
