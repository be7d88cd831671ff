// The table of threats in SECURITY.md: each line says what FloCap does about a threat and names the
// tests that show it, and those are there.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { globSync } from 'tinyglobby'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const ROW = /^\| (T\d+) +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm

const ROWS = [...readFileSync(`${ROOT}SECURITY.md`, 'utf8').matchAll(ROW)].map(
  ([, id = '', threat = '', answer = '', tests = '']) => ({ id, threat, answer, tests }),
)

describe('the table of threats', () => {
  it('has every number once and in order', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(40)
    expect(ROWS.map(({ id }) => id)).toEqual(ROWS.map((_, index) => `T${index + 1}`))
  })

  it.each(ROWS)('$id, $threat: names tests that are there', ({ tests }) => {
    const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(0)
    // Nothing but names and commas: no line leaves its proof to a sentence.
    expect(tests.replaceAll(/`[^`]+`/g, '').replaceAll(/[,\s]/g, '')).toBe('')
    for (const name of named) {
      const pattern = name.endsWith('.test.ts') ? name : `${name}/**/*.test.ts`
      expect([name, globSync(pattern, { cwd: ROOT }).length > 0]).toEqual([name, true])
    }
  })
})
