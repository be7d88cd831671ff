// `flocap batches`: how far the batches of a running FloCap are; cancel one, or wait for it.
import { setTimeout as sleep } from 'node:timers/promises'
import { toPrintable } from '../../base/printable.ts'
import {
  createRemoteBatches,
  hasEnded,
  type RemoteBatch,
  type RemoteBatches,
} from '../../client/batches-there.ts'
import { resolveSettings } from '../../config/settings.ts'
import { renderTable } from '../table.ts'

export interface BatchFlags {
  readonly server: string
}

const HEAD = ['ID', 'STATUS', 'DONE', 'FAILED', 'MADE']
const POLL_MS = 1_000
const MS_PER_SECOND = 1_000

function open({ server }: BatchFlags): RemoteBatches {
  const {
    apiKey: [apiKey],
  } = resolveSettings({}, process.env)
  return createRemoteBatches({ url: server, apiKey })
}

export async function listBatches({
  json = false,
  ...flags
}: BatchFlags & { readonly json?: boolean }): Promise<void> {
  const batches: RemoteBatch[] = []
  for await (const batch of open(flags).list()) batches.push(batch)
  if (json) console.log(JSON.stringify(batches, undefined, 2))
  else console.log(renderTable([HEAD, ...batches.map(toRow)]))
}

export async function showBatch(id: string, flags: BatchFlags): Promise<void> {
  console.log(JSON.stringify(await open(flags).show(id), undefined, 2))
}

export async function cancelBatch(id: string, flags: BatchFlags): Promise<void> {
  const { status } = await open(flags).cancel(id)
  console.log(`${id} is ${status}.`)
}

/** Ends with 1 unless the batch is completed. */
export async function waitForBatch(id: string, flags: BatchFlags): Promise<void> {
  const batches = open(flags)
  let shown = ''
  for (;;) {
    const batch = await batches.show(id)
    const line = renderProgress(batch)
    if (line !== shown) console.error(line)
    shown = line
    if (hasEnded(batch)) {
      console.log(JSON.stringify(batch, undefined, 2))
      if (batch.status !== 'completed') process.exitCode = 1
      return
    }
    await sleep(POLL_MS)
  }
}

function renderProgress({ status, request_counts: counts, errors }: RemoteBatch): string {
  const done = counts.completed + counts.failed
  const trouble = errors?.data[0]?.message
  const why = trouble === undefined ? '' : `: ${toPrintable(trouble)}`
  return `${status.replace('_', ' ')}, ${done} of ${counts.total} done, ${counts.failed} failed${why}`
}

function toRow({ id, status, request_counts: counts, created_at: made }: RemoteBatch): string[] {
  const done = `${counts.completed + counts.failed} of ${counts.total}`
  const time = new Date(made * MS_PER_SECOND).toISOString().replace('T', ' ').slice(0, 16)
  return [id, status, done, String(counts.failed), time]
}
