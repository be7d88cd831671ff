import { expect, it } from 'vitest'
import { withTunedMalloc } from './malloc.ts'

const ALL = 'glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=2097152'

it('tunes the allocator and keeps everything else', () => {
  expect(withTunedMalloc({ HOME: '/h' })).toEqual({ HOME: '/h', GLIBC_TUNABLES: ALL })
  const other = 'glibc.pthread.rseq=0'
  expect(withTunedMalloc({ GLIBC_TUNABLES: other })).toEqual({ GLIBC_TUNABLES: `${other}:${ALL}` })
})

it('leaves the choice to those who have made it, by either name', () => {
  expect(
    withTunedMalloc({ GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0', MALLOC_ARENA_MAX: '8' }),
  ).toEqual({
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0:glibc.malloc.mmap_threshold=2097152',
    MALLOC_ARENA_MAX: '8',
  })
  const chosen = { GLIBC_TUNABLES: ALL }
  expect(withTunedMalloc(chosen)).toBe(chosen)
})
