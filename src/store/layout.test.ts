import * as fc from 'fast-check'
import { posix, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  createLayout,
  toModelFileName,
  toRepositoryFolder,
  toRevisionFolder,
  toSafeName,
} from './layout.ts'

describe('createLayout', () => {
  it('keeps the kinds of folders apart', () => {
    expect(createLayout('C:\\c', win32)).toEqual({
      root: 'C:\\c',
      models: 'C:\\c\\models',
      downloads: 'C:\\c\\downloads',
      compiled: 'C:\\c\\compiled',
      locks: 'C:\\c\\locks',
    })
    expect(createLayout('/c', posix).models).toBe('/c/models')
  })
})

describe('names of folders and files', () => {
  it('are those of the Hub where they can be', () => {
    expect(toRepositoryFolder('microsoft/Florence-2-large')).toBe('microsoft--Florence-2-large')
    const commit = 'f0acedbf9b780e04fe1f9111fcf53187388f3d03'
    expect(toRevisionFolder(commit)).toBe(commit)
    expect(toRevisionFolder('refs/pr/6')).toBe('refs--pr--6')
    expect(toModelFileName('model-00001-of-00002.safetensors')).toBe(
      'model-00001-of-00002.safetensors',
    )
  })

  it.each([
    'CON',
    'nul.json',
    'COM1',
    'a.',
    'a ',
    'a:b',
    'a*',
    '..',
    '.',
    '',
    '-',
    'ä',
    'a\\b',
    'x'.repeat(200),
  ])('are replaced where Windows would refuse or misread them: %j', (name) => {
    expect(toSafeName(name)).toMatch(/^_[\w-]*-[\da-f]{12}$/)
  })

  it('are valid on every system, short, and never the same for two texts', () => {
    const allowed = /^[\w.-]*[\w-]$/
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, other) => {
        const name = toSafeName(one)
        expect(name).toMatch(allowed)
        expect(name.length).toBeGreaterThan(0)
        expect(name.length).toBeLessThanOrEqual(80)
        expect(name === toSafeName(other)).toBe(one === other)
      }),
    )
  })

  it.each(['../config.json', 'a/b.json', '/etc/passwd', 'C:\\x', 'con.json', '.gitattributes', ''])(
    'cannot leave the folder of the model: %j',
    (path) => {
      expect(() => toModelFileName(path)).toThrow(/no file name/)
    },
  )
})
