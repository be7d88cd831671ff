import * as fc from 'fast-check'
import { posix, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  createLayout,
  findCacheRoot,
  toModelFileName,
  toRepositoryFolder,
  toRevisionFolder,
  toSafeName,
} from './layout.ts'

describe('findCacheRoot', () => {
  it.each([
    ['linux', '/home/ada', {}, '/home/ada/.cache/flocap'],
    ['linux', '/home/ada', { XDG_CACHE_HOME: '/fast/cache' }, '/fast/cache/flocap'],
    ['linux', '/home/ada', { XDG_CACHE_HOME: 'relative' }, '/home/ada/.cache/flocap'],
    ['linux', '/home/ada', { XDG_CACHE_HOME: '' }, '/home/ada/.cache/flocap'],
    ['freebsd', '/home/ada', {}, '/home/ada/.cache/flocap'],
    ['darwin', '/Users/ada', { XDG_CACHE_HOME: '/x' }, '/Users/ada/Library/Caches/flocap'],
    ['win32', 'C:\\Users\\Ada', {}, 'C:\\Users\\Ada\\AppData\\Local\\flocap'],
    ['win32', 'C:\\Users\\Ada', { LOCALAPPDATA: 'D:\\Local' }, 'D:\\Local\\flocap'],
    [
      'win32',
      'C:\\Users\\Ada',
      { LOCALAPPDATA: 'Local' },
      'C:\\Users\\Ada\\AppData\\Local\\flocap',
    ],
  ] as const)('on %s for %s with %j is %4$s', (platform, home, environment, expected) => {
    expect(findCacheRoot({ platform, home, environment })).toBe(expected)
  })

  it('is what the user chose', () => {
    const chosen = { platform: 'linux', home: '/home/ada', environment: {} } as const
    expect(findCacheRoot({ ...chosen, override: '/data/flocap' })).toBe('/data/flocap')
    expect(findCacheRoot({ ...chosen, override: '' })).toBe('/home/ada/.cache/flocap')
  })
})

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
