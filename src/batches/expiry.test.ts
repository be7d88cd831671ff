import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeBatch, startTestBatches, untilBatch } from '../../test/support/batches.ts'
import { PNG_DATA_URL } from '../../test/support/pictures.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { newBatch } from './new-batch.ts'
import { hasEnded, secondsNow, type StoredBatch } from './objects.ts'

const HOUR = 3600
const DAY = 24 * HOUR

const LINE = JSON.stringify({
  custom_id: 'a',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: PNG_DATA_URL }] }] },
})

/** An id as it was made so many seconds ago. */
function oldId(seconds: number, number = 0): string {
  const time = (Date.now() - seconds * 1_000).toString(36).padStart(9, '0')
  return `batch_${time}${number.toString(16).padStart(16, '0')}`
}

function endedBatch(id: string, age: number, keep: number): StoredBatch {
  const wanted = {
    inputFileId: 'file-0',
    endpoint: '/v1/responses',
    completionWindow: '24h',
    windowSeconds: DAY,
    model: 'm',
    metadata: null,
    outputExpiresAfter: keep,
  } as const
  const created_at = secondsNow() - age
  return { ...newBatch(wanted), id, created_at, status: 'completed', completed_at: created_at }
}

async function place(root: string, id: string, batch?: StoredBatch): Promise<void> {
  const folder = join(root, 'local/batches', id)
  await mkdir(folder, { recursive: true })
  if (batch === undefined) await writeFile(join(folder, 'input.jsonl'), LINE)
  else await writeFile(join(folder, 'batch.json'), JSON.stringify(batch))
}

describe('batches that have ended', () => {
  it('are removed when their outputs expire, and not before', async () => {
    const root = join(temporaryFolder(), 'batches')
    const [kept, expired] = [oldId(3 * DAY), oldId(3 * DAY, 1)]
    await place(root, kept, endedBatch(kept, 3 * DAY, 4 * DAY))
    await place(root, expired, endedBatch(expired, 3 * DAY, 2 * DAY))
    const { app } = await startTestBatches({}, { root })
    // It is looked for when the folder is opened, beside what was asked for.
    await app.request('/v1/batches')
    await expect.poll(async () => readdir(join(root, 'local/batches'))).toEqual([kept])
    expect(await (await app.request('/v1/batches')).json()).toMatchObject({ data: [{ id: kept }] })
    expect((await app.request(`/v1/batches/${expired}`)).status).toBe(404)
  })

  it('leave nothing that a killed server had begun to make', async () => {
    const root = join(temporaryFolder(), 'batches')
    const [half, unbegun, young] = [oldId(2 * DAY), oldId(2 * DAY, 1), oldId(60)]
    await place(root, half)
    await place(root, unbegun, {
      ...endedBatch(unbegun, 2 * DAY, HOUR),
      status: 'validating',
      completed_at: null,
    })
    await place(root, young)
    const { app } = await startTestBatches({}, { root })
    await app.request('/v1/batches')
    await expect.poll(async () => readdir(join(root, 'local/batches'))).toEqual([young])
  })

  it('does not touch one that has something to do, however old', async () => {
    const first = await startTestBatches()
    const made = await makeBatch(first.app, LINE)
    await untilBatch(first.app, made.id, ({ status }) => hasEnded(status))
    await first.batches.close()
    const id = oldId(40 * DAY)
    const open: StoredBatch = {
      ...endedBatch(id, 40 * DAY, HOUR),
      status: 'finalizing',
      ending: 'completed',
      completed_at: null,
    }
    await place(first.root, id, open)
    await writeFile(join(first.root, 'open', `local.${id}`), '')
    // Looked at behind it: when this one is gone, the other has been spared.
    const expired = oldId(30 * DAY)
    await place(first.root, expired, endedBatch(expired, 30 * DAY, DAY))
    let end: (() => void) | undefined
    const held = new Promise<void>((resolve) => {
      end = resolve
    })
    const { app } = await startTestBatches({}, { root: first.root, notify: async () => held })
    await app.request('/v1/batches')
    await expect.poll(() => existsSync(join(first.root, 'local/batches', expired))).toBe(false)
    expect(existsSync(join(first.root, 'local/batches', id, 'batch.json'))).toBe(true)
    end?.()
  })

  it('by the thousand keep neither a start nor a list waiting', async () => {
    const root = join(temporaryFolder(), 'batches')
    const many = 2_000
    for (let number = 0; number < many; number++) {
      const id = oldId(2 * DAY, number)
      await place(root, id, endedBatch(id, 2 * DAY, DAY))
    }
    const { app } = await startTestBatches({}, { root })
    const page = await app.request('/v1/batches?limit=2')
    // The answer is there before they have all been looked at.
    expect((await readdir(join(root, 'local/batches'))).length).toBeGreaterThan(0)
    expect(await page.json()).toMatchObject({ data: [{}, {}], has_more: true })
    await expect
      .poll(async () => (await readdir(join(root, 'local/batches'))).length, { timeout: 30_000 })
      .toBe(0)
  })
})
