// Waits before several equal servers, by simulation: requests come at random (Poisson), each needs a time
// that varies (log-normal), and a balancer chooses who answers. With a general distribution of service
// times and several servers (M/G/c) no formula gives the 95th percentile.
//
// A server answers one request after the other. FloCap works on four at a time, which ends the same
// requests at nearly the same times, so "wait" here is what they take beyond a run alone.

/**
 * `random`: any server, as a plain Service of Kubernetes or DNS. `least`: the one with the fewest
 * requests. `queue`: all wait in one line before the servers, as in deploy/haproxy.cfg.
 */
export const POLICIES = ['random', 'least', 'queue'] as const
export type Policy = (typeof POLICIES)[number]

export interface Simulation {
  readonly servers: number
  readonly policy: Policy
  /** Of what the servers can do together: 0 to 1. */
  readonly load: number
  /** Mean seconds of a server that a request needs. */
  readonly serviceSeconds: number
  /** Standard deviation of these, divided by their mean. */
  readonly variation: number
  readonly requests: number
  readonly seed: number
}

/** In seconds. */
export interface Waits {
  readonly mean: number
  readonly p95: number
}

/** Of the requests, how many first ones are left out: the servers begin without work. */
const WARMING_UP = 0.1

/** The same numbers for the same simulation, on every machine. */
export function simulate(simulation: Simulation): Waits {
  const { load, policy, requests, seed, serviceSeconds, servers, variation } = simulation
  const random = createRandom(seed)
  // Choices take no numbers from what comes, so that all policies are given the same requests.
  const serve = createServers(policy, servers, createRandom(seed + 1))
  const between = serviceSeconds / (servers * load)
  const spread = Math.sqrt(Math.log(1 + variation * variation))
  const middle = Math.log(serviceSeconds) - (spread * spread) / 2
  const waits: number[] = []
  let now = 0
  for (let request = 0; request < requests; request += 1) {
    now -= between * Math.log(1 - random())
    const service = Math.exp(middle + spread * normal(random))
    const wait = serve(now, service)
    if (request >= requests * WARMING_UP) waits.push(wait)
  }
  waits.sort((a, b) => a - b)
  return {
    mean: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
    p95: waits[Math.floor(waits.length * 0.95)] ?? 0,
  }
}

/** @returns serves a request that comes `now`; its result is how long it waits. */
function createServers(
  policy: Policy,
  servers: number,
  random: () => number,
): (now: number, service: number) => number {
  /** For each server the times at which it will have ended what it was given, growing. */
  const ends: number[][] = Array.from({ length: servers }, () => [])
  const freeAt = (server: number): number => ends[server]?.at(-1) ?? 0
  const choose = {
    random: () => Math.floor(random() * servers),
    // Of equal ones any: the first would be given more than its share.
    least: () => lowest(ends, ({ length }) => length, random),
    // The line as a whole is served in the order of arrival by who is free first.
    queue: () => lowest(ends, (own) => own.at(-1) ?? 0, random),
  }[policy]
  return (now, service) => {
    for (const own of ends) while (own.length > 0 && own[0]! <= now) own.shift()
    const server = choose()
    const begin = Math.max(now, freeAt(server))
    ends[server]?.push(begin + service)
    return begin - now
  }
}

function lowest<T>(all: readonly T[], of: (each: T) => number, random: () => number): number {
  let least = Infinity
  let chosen = 0
  let equal = 0
  for (let index = 0; index < all.length; index += 1) {
    const value = of(all[index]!)
    if (value > least) continue
    equal = value < least ? 1 : equal + 1
    least = value
    if (random() * equal < 1) chosen = index
  }
  return chosen
}

/** Box and Muller's: a normal number of two even ones. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Numbers from 0 to below 1 by mulberry32, which is public domain. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = Math.trunc(state + 0x6d2b79f5)
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
