// Thousands of damaged HEIC and JPEG XL pictures: the codecs that run in threads end with each of them,
// and the engine's memory is afterwards what it was.
import { expect, it } from 'vitest'
import { askCaption, childrenOf, readMetrics } from '../support/ask-server.ts'
import { PICTURES, readPicture } from '../support/picture-fixtures.ts'
import { figuresOf } from '../support/process-figures.ts'
import { startServerForTest } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { createRandom, mutate } from './mutate-picture.ts'
import { recordResult, share } from './record-result.ts'

const CLIENTS = 2
const WARM_UP = 60
/** What a few pictures in flight hold, and what V8 has not given back yet. */
const MAX_GROWTH_MB = 150

it.each([
  ['heic', 2500],
  ['jxl', 500],
])('survives damaged pictures of %s', async (format, count) => {
  const server = await startServerForTest(['--answer-cache-mb', '0', '--engine-timeout', '30'], {
    environment: { FLOCAP_HOME: temporaryFolder() },
  })
  await server.printed('Ready')
  const names = Object.keys(PICTURES).filter((name) => name.startsWith(`${format}-`))
  const seeds = names.map(readPicture)
  const random = createRandom(20_261_129)
  const statuses = new Map<number, number>()
  const residentMb: number[] = []
  let slowestMs = 0
  let made = 0
  const total = WARM_UP + share(count)
  const client = async (): Promise<void> => {
    while (made < total) {
      made += 1
      const began = performance.now()
      const { status } = await askCaption(server.url, mutate(seeds[made % seeds.length]!, random), {
        query: 'task=caption&num_beams=1&max_new_tokens=3',
      })
      slowestMs = Math.max(slowestMs, performance.now() - began)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (process.platform === 'linux') residentMb.push(engineMb(server.child.pid!))
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const metrics = await readMetrics(server.url)
  const restarts = ['died', 'hung'].map(
    (cause) => metrics.get(`flocap_engine_restarts_total{cause="${cause}"}`) ?? NaN,
  )
  const others = [...statuses].filter(([status]) => ![200, 400, 413].includes(status))
  const [atFirst = 0, atLast = 0] = [residentMb[WARM_UP], residentMb.at(-1)]
  recordResult({
    name: `pictures: ${format}`,
    done: `${total} mutations of ${seeds.length} pictures`,
    numbers: {
      captioned: statuses.get(200) ?? 0,
      refused: (statuses.get(400) ?? 0) + (statuses.get(413) ?? 0),
      'other answers': others.map(([status, times]) => `${times} x ${status}`).join(' ') || 0,
      'engines that died, hung': restarts.join(', '),
      'slowest (ms)': Math.round(slowestMs),
      'engine after warming up, at most, at the end (MB)': [
        atFirst,
        Math.max(0, ...residentMb),
        atLast,
      ].join(', '),
    },
  })
  expect(others).toEqual([])
  expect(restarts).toEqual([0, 0])
  expect(atLast - atFirst).toBeLessThan(MAX_GROWTH_MB)
})

function engineMb(server: number): number {
  const [engine] = childrenOf(server)
  return engine === undefined ? 0 : Math.round(figuresOf(engine).residentKb / 1024)
}
