// `npm run capacity -- --seconds 2.1 --servers 8 --load 0.8`: waits of a fleet of your own.
import { Command, InvalidArgumentError } from 'commander'
import { ASSUMPTIONS, costs, usdAMillion } from './plan.ts'
import { POLICIES, type Policy, simulate } from './simulate.ts'

interface Options {
  readonly seconds: number
  readonly servers: number
  readonly load: number
  readonly variation: number
}

const REQUESTS = 400_000
const NAMES: Readonly<Record<Policy, string>> = {
  random: 'any server at random',
  least: 'the one with the fewest requests',
  queue: 'one line for all',
}

function within(lowest: number, highest: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (value > lowest && value <= highest) return value
    throw new InvalidArgumentError(`Expected a number above ${lowest}, up to ${highest}.`)
  }
}

function report({ seconds, servers, load, variation }: Options): void {
  const fleet = { servers: Math.round(servers), load, serviceSeconds: seconds, variation }
  const rate = (fleet.servers * load) / seconds
  console.log(`${fleet.servers} servers at ${100 * load} %: ${rate.toFixed(2)} pictures a second,`)
  console.log(
    `${usdAMillion(seconds, load).toFixed(0)} USD a million at ${ASSUMPTIONS.usdAnHour} USD an hour.`,
  )
  for (const policy of POLICIES) {
    const { mean, p95 } = simulate({ ...fleet, policy, requests: REQUESTS, seed: 1 })
    const name = NAMES[policy].padEnd(NAMES.least.length)
    console.log(`${name}  waits ${mean.toFixed(2)} s, 95 % at most ${p95.toFixed(2)} s`)
  }
}

new Command('capacity')
  .description('How long requests wait before several equal servers, by simulation.')
  .option('--seconds <number>', 'of a server for one picture', within(0, 3600), costs()[1]?.seconds)
  .option('--servers <number>', 'equal servers', within(0, 1000), 16)
  .option('--load <number>', 'of what they can do, above 0 and below 1', within(0, 0.99), 0.85)
  .option('--variation <number>', 'of times to their mean', within(0, 10), ASSUMPTIONS.variation)
  .action(report)
  .parse()
