import { describe, expect, it } from 'vitest'
import { defaultHome } from './home.ts'

describe('defaultHome', () => {
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
  ] as const)('on %s for %s with %j is %4$s', (name, userFolder, environment, expected) => {
    expect(defaultHome({ name, userFolder, environment })).toBe(expected)
  })
})
