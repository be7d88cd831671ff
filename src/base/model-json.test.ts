import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { HAS_FIFOS, makeFifo } from '../../test/support/make-fifo.ts'
import { readModelJson } from './model-json.ts'

describe('readModelJson', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flocap-json-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('reads what the file holds', async () => {
    writeFileSync(join(folder, 'good.json'), '{"size": [768, 768]}')
    expect(await readModelJson(folder, 'good.json')).toEqual({ size: [768, 768] })
  })

  it.each(['absent.json', 'cut.json'])('names a file that it cannot read: %s', async (file) => {
    writeFileSync(join(folder, 'cut.json'), '{"size": [768')
    await expect(readModelJson(folder, file)).rejects.toMatchObject({
      code: 'invalid_model',
      subject: file,
      cause: expect.any(Error),
    })
  })

  it('knows a pointer of Git LFS and says how to fetch what it stands for', async () => {
    writeFileSync(
      join(folder, 'lfs.json'),
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d',
    )
    await expect(readModelJson(folder, 'lfs.json')).rejects.toMatchObject({
      message: 'lfs.json is a Git LFS pointer, which stands for the file and is not it.',
      hint: expect.stringContaining('git lfs pull'),
    })
  })

  it('reads neither what is no file nor what is too large', async () => {
    mkdirSync(join(folder, 'folder.json'))
    if (HAS_FIFOS) makeFifo(join(folder, 'fifo.json'))
    for (const file of ['folder.json', ...(HAS_FIFOS ? ['fifo.json'] : [])]) {
      await expect(readModelJson(folder, file)).rejects.toMatchObject({
        code: 'invalid_model',
        message: `${file} of the model folder is no file.`,
      })
    }
    writeFileSync(join(folder, 'large.json'), '')
    truncateSync(join(folder, 'large.json'), 64_000_001)
    await expect(readModelJson(folder, 'large.json')).rejects.toMatchObject({
      message: 'large.json has 64.0 MB, the limit is 64.0 MB.',
    })
  })
})
