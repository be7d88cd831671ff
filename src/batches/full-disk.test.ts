// What happens when the disk of files and batches is full: it is named, nothing half remains, and what runs
// waits for room.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  makeBatch,
  readLinesOf,
  startTestBatches,
  untilBatch,
  uploadForm,
} from '../../test/support/batches.ts'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { PNG } from '../../test/support/pictures.ts'
import { HAS_SMALL_DISKS, mountSmallDisk } from '../../test/support/small-disk.ts'
import { hasEnded } from './objects.ts'

const MB = 1024 * 1024

function smallDisk(): string {
  const disk = mountSmallDisk('size=2m')
  if (disk === undefined) throw new Error('There are small disks.')
  onTestFinished(() => disk.remove())
  return disk.path
}

it.skipIf(!HAS_SMALL_DISKS)('an upload says so, without a path, and leaves nothing', async () => {
  const root = join(smallDisk(), 'batches')
  const { app } = await startTestBatches({}, { root })
  const body = uploadForm('x'.repeat(3 * MB))
  const response = await app.request('/v1/files', { method: 'POST', body })
  expect(response.status).toBe(500)
  expect(response.headers.get('x-should-retry')).toBe('false')
  const text = await response.text()
  expect(JSON.parse(text)).toMatchObject({
    error: {
      code: 'disk_full',
      message: expect.stringContaining('the disk of the server is full'),
    },
  })
  expect(text).not.toContain(root)
  // There is room again.
  const next = await app.request('/v1/files', { method: 'POST', body: uploadForm('x'.repeat(MB)) })
  expect(next.status).toBe(200)
})

it.skipIf(!HAS_SMALL_DISKS)('a batch says so, and goes on when there is room', async () => {
  const disk = smallDisk()
  const root = join(disk, 'batches')
  const captioner = createFakeCaptioner({ text: `A ${'very '.repeat(400)}long answer.` })
  const { app } = await startTestBatches({ captioner }, { root })
  const form = uploadForm(new Uint8Array(PNG), { purpose: 'vision' })
  const uploaded = await app.request('/v1/files', { method: 'POST', body: form })
  const { id } = JSON.parse(await uploaded.text())
  const content = [{ type: 'file', file: { file_id: id } }]
  const body = { messages: [{ role: 'user', content }] }
  const lines = Array.from({ length: 200 }, (_, index) =>
    JSON.stringify({ custom_id: `${index}`, method: 'POST', url: '/v1/chat/completions', body }),
  )
  const filler = join(disk, 'filler')
  writeFileSync(filler, new Uint8Array(MB))
  const made = await makeBatch(app, lines.join('\n'))
  const waits = await untilBatch(app, made.id, ({ errors }) => errors !== null)
  expect(waits).toMatchObject({ status: 'in_progress', errors: { data: [{ code: 'disk_full' }] } })
  rmSync(filler)
  const done = await untilBatch(app, made.id, ({ status }) => hasEnded(status))
  expect(done).toMatchObject({ status: 'completed', errors: null })
  const output = await readLinesOf(app, done.output_file_id)
  expect(new Set(output.map(({ custom_id }) => custom_id)).size).toBe(200)
  expect(output).toHaveLength(200)
})
