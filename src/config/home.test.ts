import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultHome, type Platform } from './home.ts'

const home = (name: Platform['name'], environment = {}): string =>
  defaultHome({ name, userFolder: join('/', 'users', 'ada'), environment })

describe('defaultHome', () => {
  it("is in each platform's own place for caches", () => {
    expect(home('linux')).toBe(join('/', 'users', 'ada', '.cache', 'flocap'))
    expect(home('darwin')).toBe(join('/', 'users', 'ada', 'Library', 'Caches', 'flocap'))
    expect(home('win32')).toBe(join('/', 'users', 'ada', 'AppData', 'Local', 'flocap'))
  })

  it('follows the variables by which a user moves them', () => {
    expect(home('linux', { XDG_CACHE_HOME: join('/', 'big') })).toBe(join('/', 'big', 'flocap'))
    expect(home('win32', { LOCALAPPDATA: join('/', 'big') })).toBe(join('/', 'big', 'flocap'))
  })
})
