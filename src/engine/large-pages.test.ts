import { expect, it } from 'vitest'
import { withLargePages } from './large-pages.ts'

it('asks for large pages beside whatever else is tuned', () => {
  expect(withLargePages({ HOME: '/h' })).toEqual({
    HOME: '/h',
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  })
  expect(withLargePages({ GLIBC_TUNABLES: 'glibc.malloc.arena_max=2' })).toEqual({
    GLIBC_TUNABLES: 'glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1',
  })
})

it('leaves the choice to those who have made it', () => {
  const chosen = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0' }
  expect(withLargePages(chosen)).toBe(chosen)
})
