// Where actions/upload-artifact puts files: later jobs rely on it.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { uploadArtifact } from './artifacts.ts'

function upload(patterns: string): readonly string[] {
  const [place, target] = [temporaryFolder(), temporaryFolder()]
  mkdirSync(join(place, 'portable'))
  for (const file of ['portable/a.zip', 'portable/b.gz', 'top.mcpb']) {
    writeFileSync(join(place, file), file)
  }
  uploadArtifact(place, target, patterns)
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
}

it('keeps folders below the one that all patterns share', () => {
  expect(upload('portable/*\ntop.mcpb\n')).toEqual(['portable/a.zip', 'portable/b.gz', 'top.mcpb'])
  expect(upload('portable/*')).toEqual(['a.zip', 'b.gz'])
  expect(upload('portable/*.zip\nportable/*.gz')).toEqual(['a.zip', 'b.gz'])
})

it('fails for a pattern that no file fits', () => {
  expect(() => upload('portable/*\ngone.txt')).toThrow("Expected files for 'gone.txt', found none.")
})
