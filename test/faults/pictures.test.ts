// Thousands of damaged pictures: each is answered or refused, none ends the engine.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { askCaption, readMetrics, SCENES } from '../support/ask-server.ts'
import { startServerForTest } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { createRandom, mutate } from './mutate-picture.ts'
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
