import { describe, expect, it } from 'vitest'
import { withFewArenas } from './few-arenas.ts'

describe('withFewArenas', () => {
  it('limits the heaps of glibc and keeps everything else', () => {
    expect(withFewArenas({ HOME: '/home/a' })).toEqual({ HOME: '/home/a', MALLOC_ARENA_MAX: '2' })
  })

  it.each([{ MALLOC_ARENA_MAX: '8' }, { GLIBC_TUNABLES: 'glibc.malloc.arena_max=4' }])(
    'leaves %j as it is',
    (environment) => {
      expect(withFewArenas(environment)).toEqual(environment)
    },
  )
})
