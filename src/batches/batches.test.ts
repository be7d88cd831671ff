import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  createTestBatches,
  makeBatch,
  readLinesOf,
  startTestBatches,
  untilBatch,
  upload,
} from '../../test/support/batches.ts'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { PNG_DATA_URL } from '../../test/support/pictures.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { createMetrics } from '../base/metrics.ts'
import { type Batch, hasEnded, StoredBatch } from './objects.ts'

const isOver = ({ status }: Batch): boolean => hasEnded(status)

function lines(number: number): string {
  const content = [{ type: 'image_url', image_url: PNG_DATA_URL }]
  const body = { messages: [{ role: 'user', content }] }
  const url = '/v1/chat/completions'
  return Array.from({ length: number }, (_, index) =>
    JSON.stringify({ custom_id: `r${index}`, method: 'POST', url, body }),
  ).join('\n')
}

const ids = (read: readonly { readonly custom_id: string }[]): string[] =>
  read.map(({ custom_id }) => custom_id)

function count(number: number): string[] {
  return Array.from({ length: number }, (_, index) => `r${index}`)
}

describe('a server that ends', () => {
  it('leaves its batches to the next one, and no line runs twice', async () => {
    const captioner = createFakeCaptioner({ delayMs: 2 })
    const first = await startTestBatches({ captioner })
    const made = await makeBatch(first.app, lines(60))
    await untilBatch(first.app, made.id, ({ request_counts }) => request_counts.completed >= 20)
    await first.batches.close()
    const folder = join(first.root, 'local/batches', made.id)
    const written = (await readFile(join(folder, 'output.jsonl'), 'utf8')).trimEnd().split('\n')
    expect(written.length).toBeLessThan(60)

    const next = createFakeCaptioner()
    const second = await startTestBatches({ captioner: next }, { root: first.root })
    const done = await untilBatch(second.app, made.id, isOver)
    expect(done).toMatchObject({
      status: 'completed',
      request_counts: { completed: 60, failed: 0 },
    })
    expect(done.usage.input_tokens).toBe(60 * 590)
    const output = await readLinesOf(second.app, done.output_file_id)
    expect(ids(output).toSorted()).toEqual(count(60).toSorted())
    expect(next.calls).toHaveLength(60 - written.length)
    // What is over leaves no more than its state.
    await expect.poll(() => readdirSync(folder)).toEqual(['batch.json'])
    await expect.poll(() => readdirSync(join(first.root, 'open'))).toEqual([])
  })

  it.each([
    ['validating', {}, 0],
    ['in_progress', { status: 'in_progress', in_progress_at: 1 }, 0],
    ['in_progress, with a torn line', { status: 'in_progress', in_progress_at: 1 }, 3],
    ['cancelling', { status: 'cancelling', cancelling_at: 1 }, 0],
    [
      'finalizing',
      {
        status: 'finalizing',
        ending: 'completed',
        output_file_id: 'file-00000000000000000000000aa',
      },
      0,
    ],
  ] as const)('goes on with one that was %s', async (_name, change, torn) => {
    const first = await startTestBatches({ captioner: createFakeCaptioner({ delayMs: Infinity }) })
    const made = await makeBatch(first.app, lines(4))
    await untilBatch(first.app, made.id, ({ status }) => status === 'in_progress')
    await first.batches.close()
    const folder = join(first.root, 'local/batches', made.id)
    const path = join(folder, 'batch.json')
    const stored = StoredBatch.parse(JSON.parse(await readFile(path, 'utf8')))
    const before = 'ending' in change || torn > 0 ? answeredLines(made.id, 4 - torn) : ''
    await writeFile(path, JSON.stringify({ ...stored, status: 'validating', ...change }))
    await writeFile(join(folder, 'output.jsonl'), torn > 0 ? `${before}{"id":"torn` : before)

    const second = await startTestBatches({}, { root: first.root })
    const done = await untilBatch(second.app, made.id, isOver)
    const isCancelled = 'cancelling_at' in change
    expect(done.status).toBe(isCancelled ? 'cancelled' : 'completed')
    const output = await readLinesOf(second.app, done.output_file_id)
    expect(ids(output).toSorted()).toEqual(isCancelled ? [] : count(4))
  })

  it('reads nothing at its start where nothing is open', async () => {
    const root = join(temporaryFolder(), 'batches')
    await startTestBatches({}, { root })
    expect(existsSync(root)).toBe(false)
  })
})

describe('a batch', () => {
  it('is told of when it has ended, by the next server if need be', async () => {
    const told: Batch[] = []
    let ending: (() => void) | undefined
    const first = await startTestBatches(
      {},
      {
        notify: async (_batch, signal) =>
          new Promise((resolve) => {
            ending?.()
            signal.addEventListener('abort', () => resolve())
          }),
      },
    )
    const waited = new Promise<void>((resolve) => {
      ending = resolve
    })
    const made = await makeBatch(first.app, lines(1))
    await waited
    await first.batches.close()
    await startTestBatches({}, { root: first.root, notify: async (batch) => void told.push(batch) })
    await expect.poll(() => told.length).toBe(1)
    expect(told[0]).toMatchObject({ id: made.id, status: 'completed' })
  })

  it('is counted, and so are its lines', async () => {
    const metrics = createMetrics()
    const captioner = createFakeCaptioner({ delayMs: 5 })
    const { app, batches } = await startTestBatches({ captioner }, { metrics })
    const made = await makeBatch(app, lines(20))
    await untilBatch(app, made.id, ({ status }) => status === 'in_progress')
    expect(metrics.render()).toContain('flocap_batches{status="in_progress"} 1')
    expect(batches.summary()).toMatchObject({ open: 1, lines: { total: 20 } })
    const status = await (await app.request('/api/v1/status')).json()
    expect(status).toMatchObject({ batches: { open: 1, lines: { total: 20 } } })
    await untilBatch(app, made.id, isOver)
    expect(metrics.render()).toContain('flocap_batch_lines_total{result="completed"} 20')
  })
})

describe('a folder', () => {
  it('belongs to one server; another says so, and takes over when it ends', async () => {
    const first = await startTestBatches()
    await upload(first.app, 'x')
    const second = createTestBatches(first.root)
    await second.start({ read: async () => Promise.reject(new Error('There are no lines.')) })
    const refused = second.get('local', 'batch_1')
    await expect(refused).rejects.toMatchObject({ code: 'batches_elsewhere' })
    await first.batches.close()
    await expect
      .poll(async () => second.get('local', 'batch_1').catch((error: unknown) => error))
      .toMatchObject({ code: 'not_found' })
  })

  it('is cleared of what a killed server was storing', async () => {
    const first = await startTestBatches()
    await upload(first.app, 'x')
    await first.batches.close()
    const left = join(first.root, 'local/files/.file-0mx1mkkb9cdd9e2c5ad26b4bb')
    await writeFile(left, 'half')
    const second = await startTestBatches({}, { root: first.root })
    expect(await (await second.app.request('/v1/files')).json()).toMatchObject({ data: [{}] })
    expect(existsSync(left)).toBe(false)
  })
})

/** As an earlier server wrote them. */
function answeredLines(batch: string, number: number): string {
  return Array.from({ length: number }, (_, index) => {
    const id = `batch_req_${batch.slice('batch_'.length)}_${index + 1}`
    const response = { status_code: 200, request_id: 'r', body: {} }
    return `${JSON.stringify({ id, custom_id: `r${index}`, response, error: null })}\n`
  }).join('')
}
