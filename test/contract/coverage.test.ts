// Every promise has a test that cites it, and that test runs.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REQUIREMENTS } from './support/requirements.ts'

const FOLDERS = ['.', '../clients'].map((folder) => join(import.meta.dirname, folder))

function readTests(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  )
}

function citedIds(): Set<string> {
  const calls = readTests().flatMap((text) => [...text.matchAll(/verifies\(([^)]*)\)/g)])
  return new Set(calls.flatMap(([, ids = '']) => ids.match(/[A-Z0-9]+-\d+/g) ?? []))
}

describe('requirements', () => {
  it.each(Object.entries(REQUIREMENTS))('%s has a test', (id) => {
    expect(citedIds()).toContain(id)
  })

  it('are complete: every checklist and all twenty-six traps', () => {
    const sizes: Record<string, number> = {}
    for (const id of Object.keys(REQUIREMENTS)) {
      const group = id.replace(/-\d+$/, '')
      sizes[group] = (sizes[group] ?? 0) + 1
    }
    expect(sizes).toMatchObject({
      ST: 13,
      SDK: 5,
      AIS: 3,
      LC: 2,
      OWUI: 3,
      LLMV: 5,
      PP: 2,
      CUI: 1,
      N8N: 1,
      OBS: 3,
      KAI: 2,
      MCP: 12,
      BATCH: 14,
      TRAP: 26,
    })
  })

  it('are proved by tests that are not switched off', () => {
    for (const text of readTests())
      expect(text).not.toMatch(/\b(?:it|test|describe)\.(?:skip|todo|only)\b/)
  })
})
