// The checkpoints that the fixtures were computed with and the ones that tests write are the same.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listFlorence2Fixtures, readFlorence2Fixture } from '../support/florence2-fixtures.ts'
import {
  renderRandomCheckpoint,
  sha256Of,
  writeRandomCheckpoint,
} from '../support/random-checkpoint.ts'

describe('random checkpoints', () => {
  it.each(listFlorence2Fixtures())('%s has the bytes that the reference was run on', (name) => {
    const { checkpoint } = readFlorence2Fixture(name)
    const { header, data } = renderRandomCheckpoint(checkpoint)
    expect(sha256Of(data)).toBe(checkpoint.dataSha256)
    expect(sha256Of(header, data)).toBe(checkpoint.fileSha256)
  })

  it('are written as a folder with every file that a loader reads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flocap-checkpoint-'))
    try {
      const fixture = readFlorence2Fixture('window-padding')
      writeRandomCheckpoint(folder, fixture)
      const file = readFileSync(join(folder, 'model.safetensors'))
      expect(sha256Of(file)).toBe(fixture.checkpoint.fileSha256)
      const config: unknown = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
      expect(config).toEqual(fixture.checkpoint.config)
      expect(readFileSync(join(folder, 'tokenizer.json'), 'utf8')).toContain('"<loc_999>"')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
