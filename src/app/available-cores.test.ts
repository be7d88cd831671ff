import { describe, expect, it } from 'vitest'
import { availableCores } from './available-cores.ts'

const machine = (files: Record<string, string>, cores = 16): number =>
  availableCores({ read: (path) => files[path] ?? null, parallelism: () => cores })

describe('availableCores', () => {
  it('is what the scheduler allows on a plain machine', () => {
    expect(machine({})).toBe(16)
  })

  it.each([
    ['200000 100000', 2],
    ['max 100000', 16],
    ['150000 100000', 1],
    ['50000 100000', 1],
    ['6400000 100000', 16],
    ['nonsense', 16],
  ])('reads a cgroup v2 limit of %j as %i', (limit, cores) => {
    expect(machine({ '/sys/fs/cgroup/cpu.max': limit })).toBe(cores)
  })

  it.each([
    ['400000', 4],
    ['-1', 16],
  ])('reads a cgroup v1 quota of %j as %i', (quota, cores) => {
    const files = {
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': quota,
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
    }
    expect(machine(files)).toBe(cores)
  })
})
