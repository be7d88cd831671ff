// docs/guide/capacity.md: its tables are made here, its words stand here too.
import {
  ASSUMPTIONS,
  breakEvenSeconds,
  type Cost,
  costs,
  planFleet,
  repeatsFound,
  usdAMillion,
} from './plan.ts'
import { POLICIES, simulate } from './simulate.ts'

const VOLUMES = [1e6, 1e7, 1e8, 1e9]
const LOADS = [0.5, 0.75, 0.85, 0.95]
const SERVERS = [2, 4, 16, 32]
/** Enough for the 95th percentile to be right within some percent. */
const REQUESTS = 100_000
const SEED = 20
/** USD an hour of three kinds of cards on demand, to divide by. */
const CARDS = [0.5, 1, 4]

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const percent = (value: number): string => `${number(100 * value)} %`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const align = head.map((_, column) => (column === 0 ? '---' : '--:'))
  return line(head) + line(align) + rows.map(line).join('')
}

function find(all: readonly Cost[], model: Cost['model'], search: Cost['search']): Cost {
  const cost = all.find((each) => each.model === model && each.search === search)
  if (cost === undefined) throw new TypeError(`${model}, ${search} is not in the list of costs.`)
  return cost
}

/** 95th percentiles in seconds, for base with three beams. */
function waits(serviceSeconds: number, servers: number, load: number): string[] {
  const { variation } = ASSUMPTIONS
  return POLICIES.map((policy) => {
    const fixed = { serviceSeconds, variation, requests: REQUESTS, seed: SEED }
    return number(simulate({ servers, load, policy, ...fixed }).p95, 1)
  })
}

/** The whole page. */
export function renderPage(): string {
  const all = costs()
  const base = find(all, 'base', '3 beams')
  const large = find(all, 'large', '3 beams')
  const { bulkLoad, interactiveLoad, largeToBase, peak, serversOfCell, usdAnHour, variation } =
    ASSUMPTIONS
  const at85 = waits(base.seconds, 16, 0.85)

  return `# Capacity

How many servers, what they cost, how long requests wait. Made by \`tools/capacity\` from \`bench/results\`; \`npm run capacity\` does the same with your numbers:

\`\`\`console
$ npm run capacity -- --seconds 2.1 --servers 8 --load 0.8
\`\`\`

What is taken for granted:

- A server has two cores of a Xeon with AMX, as in [Benchmarks](../reference/benchmarks.md), and costs ${number(usdAnHour, 2)} USD an hour on demand. Prices differ by half between regions and providers: the costs below are proportional to it.
- A caption has 100 tokens. \`<CAPTION>\` writes some 15, in two thirds of the time.
- **large takes ${number(largeToBase, 1)} times as long as base.** That is from prototypes of both on one machine; \`bench/results\` has no run of large yet. Run \`npm run bench -- --large\` before you buy.
- The busiest hour has ${peak} times as many pictures as the mean one, and servers are loaded to ${percent(interactiveLoad)} in it. Bulk has no hours: ${percent(bulkLoad)} all month.
- Times vary by ${percent(variation)} of their mean.

## One picture

${table(
  [
    'model',
    'search',
    's of a server',
    'USD a million at full load',
    `at ${percent(interactiveLoad)}`,
  ],
  all.map(({ model, search, seconds }) => [
    model,
    search,
    number(seconds, 2),
    number(usdAMillion(seconds, 1)),
    number(usdAMillion(seconds, interactiveLoad)),
  ]),
)}
Three beams are the default. More cores make a picture faster, not cheaper: from four cores on give every two to four of them an engine (\`--engines\`).

## From a million to a billion a month

With three beams. Interactive fleets cost what is started: with autoscaling the mean, without it the busiest hour all month.

${table(
  [
    'pictures a month',
    'a second',
    'base: servers in the busiest hour',
    'cells',
    'base: servers for bulk',
    'base: USD a month in bulk',
    'large: servers in the busiest hour',
    'large: servers for bulk',
    'large: USD a month in bulk',
  ],
  VOLUMES.map((volume) => {
    const [small, big] = [planFleet(volume, base.seconds), planFleet(volume, large.seconds)]
    const usd = (seconds: number): string => number((usdAMillion(seconds, bulkLoad) * volume) / 1e6)
    return [
      number(volume),
      number(small.rate, 1),
      number(small.interactive),
      number(small.cells),
      number(small.bulk),
      usd(base.seconds),
      number(big.interactive),
      number(big.bulk),
      usd(large.seconds),
    ]
  }),
)}
**Cells.** \`deploy/haproxy.cfg\` has room for ${serversOfCell} servers. Beyond that build another cell, a balancer with its own servers, rather than a larger one: waits hardly get shorter (below), and what breaks is one cell's. Machines of 32 cores with \`--engines 16\` (and \`maxconn 64\`) put sixteen times as much into a cell.

**Sharding.** Clients find their cell by name: \`eu.captions.example.com\` for a region, so that pictures do not cross an ocean or a border; a name for each large tenant, so that one cannot fill the queue of the others. Cells share nothing but the model's files, so names can be moved one by one. Within a cell, clients take turns.

## Waits

95th percentile in seconds for base with three beams, by how the balancer chooses: any server at random (a plain Service, DNS), the one with the fewest requests, one line for all (\`deploy/haproxy.cfg\`).

${table(
  ['servers', 'load', 'random', 'fewest requests', 'one line'],
  SERVERS.flatMap((servers) =>
    LOADS.map((load) => [String(servers), percent(load), ...waits(base.seconds, servers, load)]),
  ),
)}
At 85 % over 16 servers that is ${at85[0]} s at random, ${at85[1]} s with the fewest requests and ${at85[2]} s in one line. So few servers want a lower load than many: ${percent(interactiveLoad)} is what \`flocap_desired_replicas\` aims at.

In the simulation a server answers one request after the other. FloCap works on four at a time, so a request begins sooner and runs for longer.

## Answers that are known

Each server keeps its own answers (\`--answer-cache-mb\`), and any server is asked. Of the requests for a picture that some server has answered before, so many find the answer where they come to:

${table(
  ['servers', 'asked twice', 'asked 5 times', 'asked 20 times'],
  SERVERS.map((servers) => [
    String(servers),
    ...[2, 5, 20].map((times) => percent(repeatsFound(servers, times))),
  ]),
)}
To send the same picture to the same server, its client has to name it in a header: \`balance hdr(x-picture)\`, \`hash-type consistent\` and \`hash-balance-factor 125\` instead of \`balance leastconn\`, without \`maxconn\`'s one line, which knows no favourites. It is worth while where more than every fifth picture is asked for again; keep answers in your own database before that.

## A graphics card

No card was measured ([Devices](devices.md)), so here is only what one has to do. It is cheaper than cores where it captions a picture of base with three beams, always busy, in less than:

${table(
  ['USD an hour', 'base', 'large', 'pictures of base a day that cores make for it'],
  CARDS.map((usd) => [
    number(usd, 2),
    `${number(breakEvenSeconds(base.seconds, usd), 3)} s`,
    `${number(breakEvenSeconds(large.seconds, usd), 3)} s`,
    number((24 * 3600) / breakEvenSeconds(base.seconds, usd)),
  ]),
)}
A card that waits costs as much as one that works: with fewer pictures than the last column says, cores are cheaper whatever the card does.
`
}
