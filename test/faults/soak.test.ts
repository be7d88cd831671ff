// Thousands of captions mixed with cancels: memory does not grow with their number.
import { expect, it } from 'vitest'
import { askCaption, readMetrics, SCENES } from '../support/ask-server.ts'
import { startServerForTest } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordResult, share } from './record-result.ts'

const CLIENTS = 4
/** Every so many requests one hangs up after some milliseconds. */
const CANCEL_EVERY = 7
const SAMPLES = 40
/** A leak of one 224-pixel tensor a caption would be 600 KB. */
const MAX_KB_PER_CAPTION = 40

it('does not grow', async () => {
  const server = await startServerForTest(['--answer-cache-mb', '0'], {
    environment: { FLOCAP_HOME: temporaryFolder() },
  })
  await server.printed('Ready')
  const { url } = server
  const total = share(3000)
  let asked = 0
  let failed = 0
  let cancelled = 0
  const memory: { readonly at: number; readonly server: number; readonly engine: number }[] = []

  const client = async (): Promise<void> => {
    while (asked < total) {
      asked += 1
      const index = asked
      if (index % Math.ceil(total / SAMPLES) === 0) {
        const metrics = await readMetrics(url)
        memory.push({
          at: index,
          server: metrics.get('flocap_server_resident_bytes') ?? NaN,
          engine: metrics.get('flocap_engine_resident_bytes') ?? NaN,
        })
      }
      const hangsUp = index % CANCEL_EVERY === 0
      const signal = hangsUp ? AbortSignal.timeout(20 + (index % 200)) : undefined
      try {
        const { status } = await askCaption(url, SCENES[index % SCENES.length]!, {
          query: `task=caption&num_beams=${1 + (index % 3)}`,
          ...(signal === undefined ? {} : { signal }),
        })
        if (status !== 200) failed += 1
      } catch (error) {
        if (!signal?.aborted) throw error
        cancelled += 1
      }
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))

  // The first half warms caches and heaps up.
  const late = memory.slice(Math.floor(memory.length / 2))
  const slopes = {
    server: slopeKb(late.map(({ at, server: bytes }) => [at, bytes])),
    engine: slopeKb(late.map(({ at, engine: bytes }) => [at, bytes])),
  }
  const restarts = (await readMetrics(url)).get('flocap_engine_restarts_total{cause="died"}')
  recordResult({
    name: 'soak',
    done: `${total} captions of 4 clients, every seventh hung up`,
    numbers: {
      failed,
      cancelled,
      restarts: restarts ?? NaN,
      'server (KB a caption)': slopes.server.toFixed(2),
      'engine (KB a caption)': slopes.engine.toFixed(2),
    },
  })
  expect([failed, restarts]).toEqual([0, 0])
  expect(slopes.server).toBeLessThan(MAX_KB_PER_CAPTION)
  expect(slopes.engine).toBeLessThan(MAX_KB_PER_CAPTION)
})

/** Of the line that fits best. */
function slopeKb(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const above = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0)
  return above / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0) / 1024
}
