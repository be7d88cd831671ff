// How many cores this process may really use. A container is often given fewer than the machine has,
// and a thread more than there are cores halves the speed of captioning.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** cgroup v2: `max 100000`, or quota and period in microseconds. */
const CPU_MAX_V2 = '/sys/fs/cgroup/cpu.max'
/** cgroup v1: -1, or the quota in microseconds; the period is in a file of its own. */
const QUOTA_V1 = '/sys/fs/cgroup/cpu/cpu.cfs_quota_us'
const PERIOD_V1 = '/sys/fs/cgroup/cpu/cpu.cfs_period_us'

export interface CoreSources {
  /** The content of a file, or null when there is none. */
  readonly read: (path: string) => string | null
  /** Cores that the scheduler lets this process run on. */
  readonly parallelism: () => number
}

const machine: CoreSources = {
  read(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return null
    }
  },
  parallelism: availableParallelism,
}

/** At least 1. A quota of one and a half cores counts as one. */
export function availableCores(sources: CoreSources = machine): number {
  const quota = cgroupQuota(sources)
  const cores = sources.parallelism()
  return Math.max(1, quota === null ? cores : Math.min(cores, Math.floor(quota)))
}

/** In cores; null without a limit. */
function cgroupQuota({ read }: CoreSources): number | null {
  const [quota, period] = read(CPU_MAX_V2)?.split(/\s+/) ?? [read(QUOTA_V1), read(PERIOD_V1)]
  const cores = Number(quota ?? NaN) / Number(period ?? NaN)
  return Number.isFinite(cores) && cores > 0 ? cores : null
}
