// From pictures a month to servers and money, by arithmetic on what the bench measured.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const BENCH = new URL(
  '../../bench/results/2026-11-28-intel-r-xeon-r-processor-2-base.json',
  import.meta.url,
)
const benchSchema = z.object({
  machine: z.object({ cpu: z.string(), cores: z.number() }),
  results: z.array(z.object({ program: z.string(), beams: z.number(), medianMs: z.number() })),
})

const SECONDS_A_MONTH = 30 * 24 * 3600
const SECONDS_AN_HOUR = 3600

/** What is not measured. Change it to what you pay and expect. */
export const ASSUMPTIONS = {
  /** USD an hour for a virtual machine of two cores (with AVX-512 VNNI or AMX) and 4 GB, on demand. */
  usdAnHour: 0.1,
  /**
   * Large to base. Prototypes of both were measured as 2.44 s and 0.99 s on one machine; the bench has
   * published no run of large.
   */
  largeToBase: 2.5,
  /** The busiest hour to the mean one, where people ask. */
  peak: 3,
  /** Of what servers can do, how much is asked of them in that hour. */
  interactiveLoad: 0.75,
  /** The same where no person waits. */
  bulkLoad: 0.95,
  /** Standard deviation of a caption's time to its mean: short and long answers. */
  variation: 0.5,
  /** As many as deploy/haproxy.cfg has room for. */
  serversOfCell: 32,
} as const

export interface Cost {
  readonly model: 'base' | 'large'
  readonly search: 'greedy' | '3 beams'
  /** Of a machine of two cores, for one caption of 100 tokens. */
  readonly seconds: number
}

/** By model and search; base as measured, large as assumed. */
export function costs(): readonly Cost[] {
  const { results } = benchSchema.parse(JSON.parse(readFileSync(BENCH, 'utf8')))
  const measured = (beams: number): number => {
    const found = results.find((row) => row.program === 'FloCap auto' && row.beams === beams)
    if (found === undefined) throw new TypeError(`The bench has no result with ${beams} beams.`)
    return found.medianMs / 1000
  }
  return (['base', 'large'] as const).flatMap((model) =>
    ([1, 3] as const).map((beams) => ({
      model,
      search: beams === 1 ? ('greedy' as const) : ('3 beams' as const),
      seconds: measured(beams) * (model === 'base' ? 1 : ASSUMPTIONS.largeToBase),
    })),
  )
}

/** @param load the share of the time in which servers that are paid for compute */
export function usdAMillion(seconds: number, load: number): number {
  return ((1e6 * seconds) / SECONDS_AN_HOUR / load) * ASSUMPTIONS.usdAnHour
}

export interface Fleet {
  /** Pictures a second, in the mean. */
  readonly rate: number
  /** Servers that are needed in the busiest hour; at least two, so that one may end. */
  readonly interactive: number
  /** Servers that do it all in a month, by day and night. */
  readonly bulk: number
  /** Balancers with their servers, of the interactive ones. */
  readonly cells: number
}

export function planFleet(picturesAMonth: number, seconds: number): Fleet {
  const { bulkLoad, interactiveLoad, peak, serversOfCell } = ASSUMPTIONS
  const rate = picturesAMonth / SECONDS_A_MONTH
  const interactive = Math.max(2, Math.ceil((rate * peak * seconds) / interactiveLoad))
  return {
    rate,
    interactive,
    bulk: Math.max(1, Math.ceil((rate * seconds) / bulkLoad)),
    cells: Math.ceil(interactive / serversOfCell),
  }
}

/** Seconds a picture below which a card at this price is cheaper than cores, both at full load. */
export function breakEvenSeconds(cpuSeconds: number, usdAnHour: number): number {
  return (cpuSeconds * ASSUMPTIONS.usdAnHour) / usdAnHour
}

/**
 * Of the requests that ask again for a picture, how many find the answer in the cache of the server that
 * they come to, where any server answers any request and each picture is asked `times` times.
 */
export function repeatsFound(servers: number, times: number): number {
  const visited = servers * (1 - (1 - 1 / servers) ** times)
  return (times - visited) / (times - 1)
}
