import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hasReferenceData, referencePath } from '../../test/support/reference-data.ts'
import { formatBytes } from '../base/format-bytes.ts'
import { toModelFileName } from './layout.ts'
import { findKnownModel, findKnownRevision, KNOWN_MODELS } from './registry.ts'

const FILES = 'florence2/checkpoint-files'

describe('the table of known models', () => {
  it('gives every name and alias to one model', () => {
    const names = KNOWN_MODELS.flatMap((model) => [model.name, ...model.aliases])
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z\d][a-z\d.-]*$/)
  })

  it('has every revision of a repository once', () => {
    const pins = KNOWN_MODELS.map((model) => `${model.repository}@${model.revision}`)
    expect(new Set(pins).size).toBe(pins.length)
  })

  it.each(KNOWN_MODELS)('pins $name to a commit and well-formed hashes', (model) => {
    expect(model.revision).toMatch(/^[\da-f]{40}$/)
    expect(model.repository).toMatch(/^[\w.-]+\/[\w.-]+$/)
    expect(model.note).toMatch(/^\S.*\.$/)
    const paths = model.files.map((file) => file.path)
    expect(new Set(paths).size).toBe(paths.length)
    for (const { path, size, sha256, sha256StartsWith } of model.files) {
      expect(toModelFileName(path)).toBe(path)
      expect(sha256 ?? '0'.repeat(64)).toMatch(/^[\da-f]{64}$/)
      expect(sha256StartsWith ?? '00000000').toMatch(/^[\da-f]{8,63}$/)
      expect(size ?? 1).toBeGreaterThan(0)
    }
  })

  it.each(KNOWN_MODELS)(
    'says what a download of $name takes, to within a few per cent',
    (model) => {
      const known = model.files.reduce((total, file) => total + (file.size ?? 0), 0)
      expect(model.downloadBytes).toBeGreaterThanOrEqual(known)
      // Two bytes a weight as published by Microsoft, four in most fine-tunes.
      const perWeight = model.downloadBytes / (model.millionParameters * 1e6)
      expect(perWeight).toBeGreaterThan(1.98)
      expect(perWeight).toBeLessThan(4.05)
    },
  )

  it.each(KNOWN_MODELS)('has $name in the guide, as it is here', (model) => {
    const guide = readFileSync(new URL('../../docs/guide/models.md', import.meta.url), 'utf8')
    const row = `| \`${model.name}\` | ${formatBytes(model.downloadBytes)} | ${model.repository} |`
    expect(guide.replaceAll(/ {2,}/g, ' ')).toContain(row)
  })

  it('offers both models that the Hub called Florence-2-large', () => {
    const june = findKnownModel('large')
    const december = findKnownModel('large-4k')
    expect(june?.repository).toBe(december?.repository)
    expect(june?.revision).not.toBe(december?.revision)
    expect(june?.note).toContain('large-4k')
  })

  it('finds a name in any case, and a revision however the repository is written', () => {
    expect(findKnownModel('LARGE')?.name).toBe('large')
    expect(findKnownModel('huge')).toBeUndefined()
    const revision = 'f0acedbf9b780e04fe1f9111fcf53187388f3d03'
    expect(findKnownRevision('Microsoft/florence-2-large', revision)?.name).toBe('large')
    expect(findKnownRevision('microsoft/Florence-2-large', 'main')).toBeUndefined()
  })

  const atHand = [
    ['large', 'large-2024-06'],
    ['large-4k', 'large-2024-12-4k'],
  ] as const
  it.skipIf(!hasReferenceData).each(atHand)(
    'has the hashes of the files of %s that are at hand',
    (name, folder) => {
      const files = (findKnownModel(name)?.files ?? []).filter(({ path }) =>
        existsSync(referencePath(`${FILES}/${folder}/${path}`)),
      )
      expect(files.length).toBeGreaterThanOrEqual(3)
      for (const { path, size, sha256 } of files) {
        const bytes = readFileSync(referencePath(`${FILES}/${folder}/${path}`))
        const found = createHash('sha256').update(bytes).digest('hex')
        expect({ path, size: bytes.length, sha256: found }).toEqual({ path, size, sha256 })
      }
    },
  )
})
