import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
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
    })
  })
})
