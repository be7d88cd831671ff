// `flocap models`: what is on this machine; verify, remove and prune beside it.
import { formatBytes } from '../../base/format-bytes.ts'
import { toPrintable } from '../../base/printable.ts'
import { pruneModels, removeInstalled, verifyInstalled } from '../../app/manage-models.ts'
import {
  type CompiledForm,
  listAllModels,
  type ListedAdapter,
  type ListedModel,
} from '../../app/model-list.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { abortOnInterrupt } from '../interrupt.ts'
import { spell } from '../invocation.ts'
import { renderTable } from '../table.ts'

const ADAPTER_HEAD = ['ADAPTER', 'SIZE', 'SOURCE', 'TRAINED ON', 'ON DISK']
const HEAD = ['NAME', 'SIZE', 'SOURCE', 'COMPILED (ERROR)', 'ON DISK']

export async function listModels({
  json = false,
  ...flags
}: Flags & { readonly json?: boolean }): Promise<void> {
  const listing = await listAllModels(resolveSettings(flags, process.env))
  if (json) {
    console.log(JSON.stringify(listing, undefined, 2))
    return
  }
  console.log(renderTable([HEAD, ...listing.models.map(toRow)]))
  for (const { name, taskTokens } of listing.models) {
    if (taskTokens.length === 0) continue
    console.log(`\nTasks of ${toPrintable(name)} itself: ${toPrintable(taskTokens.join(' '))}`)
  }
  if (listing.adapters.length > 0) {
    console.log(`\n${renderTable([ADAPTER_HEAD, ...listing.adapters.map(toAdapterRow)])}`)
  }
  for (const { folder, problems } of listing.incomplete) {
    console.log(`\nNot complete: ${toPrintable(folder)}`)
    for (const problem of problems) console.log(`  ${toPrintable(problem)}`)
  }
  if (listing.models.length === 1) {
    console.log(`\nFor photographs, download a model: ${spell('pull base')}`)
  }
}

function toRow({ name, bytes, source, verified, compiled, diskBytes }: ListedModel): string[] {
  const forms = compiled.map(renderForm).join(', ')
  const origin = renderOrigin({ source, verified })
  return [name, formatBytes(bytes), origin, forms || '-', formatBytes(diskBytes)]
}

function toAdapterRow(adapter: ListedAdapter): string[] {
  const { name, bytes, base, diskBytes } = adapter
  const trainedOn = base === null ? '-' : toPrintable(base)
  return [name, formatBytes(bytes), renderOrigin(adapter), trainedOn, formatBytes(diskBytes)]
}

function renderOrigin({ source, verified }: Pick<ListedModel, 'source' | 'verified'>): string {
  return source === 'hand' && !verified ? 'hand, not verified' : source
}

/** `auto (0.35 %)`: how far the encoder's output is from float32's. */
function renderForm({ precision, error, withinBound }: CompiledForm): string {
  if (error === null) return precision
  const warning = withinBound === false ? ', above its bound' : ''
  return `${precision} (${(100 * error).toFixed(2)} %${warning})`
}

export async function verifyModels(name: string, flags: Flags): Promise<void> {
  const result = await verifyInstalled(resolveSettings(flags, process.env), name, {
    signal: abortOnInterrupt(),
  })
  const model = toPrintable(name)
  if (result.state === 'verified') console.log(`${model}: every hash is the expected one.`)
  if (result.state === 'unknown') {
    console.log(`${model}: complete, but no hashes are published to compare its weights with.`)
  }
  if (result.state === 'damaged') {
    console.error(`${model} is damaged: ${toPrintable(result.problems.join('; '))}.`)
    console.error(`  Remove it and download it again: ${spell(`models remove ${model}`)}`)
    process.exitCode = 1
  }
  for (const { form, problems } of result.compiled) {
    printForm(`${model}, compiled as ${form}`, problems)
  }
}

function printForm(form: string, problems: readonly string[]): void {
  if (problems.length === 0) {
    console.log(`${form}: as it was written.`)
    return
  }
  console.error(`${form}, is damaged: ${toPrintable(problems.join('; '))}.`)
  console.error('  The next start compiles it again.')
  process.exitCode = 1
}

export async function removeModels(model: string, flags: Flags): Promise<void> {
  const { bytes } = await removeInstalled(resolveSettings(flags, process.env), model)
  console.log(`Removed ${toPrintable(model)}; freed ${formatBytes(bytes)}.`)
}

export async function prune(flags: Flags): Promise<void> {
  const pruned = await pruneModels(resolveSettings(flags, process.env))
  for (const { folder, bytes } of pruned)
    console.log(`${toPrintable(folder)} (${formatBytes(bytes)})`)
  const total = pruned.reduce((sum, { bytes }) => sum + bytes, 0)
  console.log(pruned.length === 0 ? 'Nothing to remove.' : `Removed ${formatBytes(total)}.`)
}
