// A release's section of CHANGELOG.md: cut from what is unreleased, and read again for its page.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { cutChangelog, notesOf } from './changelog.mjs'

const BEFORE = `# Changes

## Unreleased

- A new thing.
- Another.

## 1.0.0 (2026-01-02)

- The first.
`

it('gives what is unreleased to the version, which its page then shows', () => {
  const cut = cutChangelog(BEFORE, '1.1.0', '2026-11-29')
  expect(cut).toBe(BEFORE.replace('## Unreleased\n', '## Unreleased\n\n## 1.1.0 (2026-11-29)\n'))
  expect(notesOf(cut, '1.1.0')).toBe('- A new thing.\n- Another.\n')
  expect(notesOf(cut, '1.0.0')).toBe('- The first.\n')
})

it('releases neither nothing nor a version twice', () => {
  const cut = cutChangelog(BEFORE, '1.1.0', '2026-11-29')
  expect(() => cutChangelog(cut, '1.2.0', '2026-11-30')).toThrow("below '## Unreleased'")
  expect(() => cutChangelog(BEFORE, '1.0.0', '2026-11-30')).toThrow('has a section for 1.0.0')
})

it('misses a version that has no section', () => {
  expect(() => notesOf(BEFORE, '1.1.0')).toThrow("Expected a section '## 1.1.0 (date)'")
  // Nor is 1.0.0 that of 1.0.
  expect(() => notesOf(BEFORE, '1.0')).toThrow('found none')
})

it("can cut this repository's", () => {
  const text = readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8')
  expect(notesOf(cutChangelog(text, '99.0.0', '2026-11-29'), '99.0.0')).toMatch(/^\S/)
})
