// Prints what a run of faults came to, and keeps it as a row of docs/reference/faults.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'

const PAGE = new URL('../../docs/reference/faults.md', import.meta.url)

const HEADER = `# Faults that FloCap was put through

Each row is written by the script that it names, \`npm run faults:NAME\`, with the built program and the bundled model. \`FLOCAP_FAULTS\` makes it do a share of its work, to try it: 0.1 is a tenth, whose result is printed and not kept here. The load is that of the whole machine at the end, its own work included, and in newer rows that before it, too: on two cores, much more than 2 means that others computed too, and times are worse than they need be.

| script | when, on | what was done | result |
| --- | --- | --- | --- |
`

/** Of others: nothing has begun yet. */
const LOAD_BEFORE = loadavg()[0] ?? 0

const SHARE = Number(process.env['FLOCAP_FAULTS'] ?? 1)
/** Whether a script does all of its work, as its limits presuppose. */
export const IS_WHOLE = SHARE >= 1

export interface FaultResult {
  readonly name: string
  readonly done: string
  /** Numbers by their names, in the order in which to show them. */
  readonly numbers: Readonly<Record<string, number | string>>
}

/** Of what a script does by default: the environment may ask for less. */
export function share(count: number): number {
  return Math.max(1, Math.round(count * SHARE))
}

export function recordResult({ name, done, numbers }: FaultResult): void {
  const result = Object.entries(numbers).map(([what, number]) => `${what} ${number}`)
  process.stdout.write(`\n${name}: ${done}\n${result.map((line) => `  ${line}\n`).join('')}`)
  if (!IS_WHOLE) return
  const today = new Date().toISOString().slice(0, 10)
  // Whoever else used the machine: times are to be read with it.
  const load = [LOAD_BEFORE, loadavg()[0] ?? 0].map((average) => Math.round(average)).join(' to ')
  const machine = `Node ${process.versions.node}, ${process.platform}, ${availableParallelism()} cores, load ${load}`
  const row = `| \`${name}\` | ${today}, ${machine} | ${done} | ${result.join(', ')} |`
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : HEADER
  // What people have written behind the rows stays.
  const [table = '', ...written] = page.split(/^(?=## )/m)
  const rows = table
    .slice(table.indexOf('| --- |'))
    .split('\n')
    .slice(1)
    .filter((line) => line.startsWith('| `') && !line.startsWith(`| \`${name}\` |`))
  const lines = [...rows, row].toSorted().join('\n')
  const rest = written.length === 0 ? '' : `\n${written.join('')}`
  writeFileSync(PAGE, `${HEADER}${lines}\n${rest}`)
}

export function percentile(values: readonly number[], share_: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share_))] ?? 0)
}
