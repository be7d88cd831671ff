// Which pictures of folders are new or have changed, as often as there are some. Every look is a look at
// the whole: what appears, disappears, is renamed or half copied is seen as it is, whatever the system
// tells about it.
import { stat } from 'node:fs/promises'
import type { Stamp } from '../inputs/picture-file.ts'
import { walkFolder } from '../inputs/walk-folder.ts'
import { createNotices, type Notices } from './notice.ts'
import { createSettler, isSameStamp } from './settle.ts'

export interface WatchedFile {
  /** The folder that is watched. */
  readonly folder: string
  readonly path: string
}

export interface WatchOptions {
  /** Also the folders inside folders. */
  readonly recursive: boolean
  /** Look so often and rely on no notice: network drives give none. */
  readonly pollMs?: number | undefined
  /** The run writes into the pictures: its own changes are none. */
  readonly writesPictures: boolean
  readonly signal: AbortSignal
  /** Told once when notices of the system are not to be had, with its reason. */
  readonly onPolling?: (reason: string) => void
  /** Milliseconds without change after which a file is whole; shorter in tests. */
  readonly stillMs?: number
}

/** Longer than programs pause while they write. */
const STILL_MS = 2000
/** Between looks at files that are not still yet. */
const SETTLING_MS = 500
/** Between looks where every change is told: for those that are not. */
const QUIET_MS = 30_000
/** Between looks where the system tells nothing. */
const POLL_MS = 5000

/**
 * Batches of files that are whole, in the order of their names: first those that are there, then those
 * that come or change. Ends when `signal` is aborted; the next batch is looked for when it is asked for.
 */
export async function* watchFolders(
  folders: readonly string[],
  options: WatchOptions,
): AsyncGenerator<readonly WatchedFile[]> {
  const { signal, stillMs = STILL_MS } = options
  let pollMs = options.pollMs
  const notices = createNotices(folders, (reason) => {
    pollMs = POLL_MS
    options.onPolling?.(reason)
  })
  const settler = createSettler(stillMs)
  const seen = new Map<string, Stamp>()
  try {
    while (!signal.aborted) {
      const { files, inner, isWhole } = await look(folders, options.recursive)
      const isNew = pollMs === undefined && notices.watch(inner)
      const now = performance.now()
      for (const path of settler.waiting) if (!files.has(path)) settler.forget(path)
      // A drive that is away for a while has lost nothing.
      if (isWhole) for (const path of seen.keys()) if (!files.has(path)) seen.delete(path)
      for (const [path, { stamp }] of files) {
        if (!isSameStamp(seen.get(path), stamp)) settler.observe(path, stamp, now)
      }
      const batch = settler.takeStill(now).flatMap((path) => files.get(path) ?? [])
      for (const { path, stamp } of batch) seen.set(path, stamp)
      if (batch.length > 0) {
        yield batch
        if (options.writesPictures) await markSeen(batch, seen)
      } else if (!isNew) {
        await pause(notices, pollMs, settler.waiting.size > 0, options)
      }
    }
  } finally {
    notices.close()
  }
}

async function pause(
  notices: Notices,
  pollMs: number | undefined,
  isSettling: boolean,
  { signal, stillMs = STILL_MS }: WatchOptions,
): Promise<void> {
  const settlingMs = Math.min(SETTLING_MS, stillMs)
  const quietMs = pollMs ?? QUIET_MS
  await notices.wait(isSettling ? Math.min(settlingMs, quietMs) : quietMs, signal)
}

interface Found extends WatchedFile {
  readonly stamp: Stamp
}

interface Look {
  readonly files: ReadonlyMap<string, Found>
  /** The folders themselves, and those in them. */
  readonly inner: ReadonlySet<string>
  /** Whether all of them could be read. */
  readonly isWhole: boolean
}

async function look(folders: readonly string[], recursive: boolean): Promise<Look> {
  const files = new Map<string, Found>()
  const inner = new Set<string>()
  let isWhole = true
  const onFolder = (folder: string): void => void inner.add(folder)
  for (const folder of folders) {
    for await (const { kind, path } of walkFolder(folder, { recursive, onFolder })) {
      if (kind === 'unreadable') isWhole = false
      const stamp = kind === 'file' ? await stampOf(path) : undefined
      if (stamp !== undefined && !files.has(path)) files.set(path, { folder, path, stamp })
    }
  }
  return { files, inner, isWhole }
}

async function markSeen(batch: readonly WatchedFile[], seen: Map<string, Stamp>): Promise<void> {
  for (const { path } of batch) {
    const stamp = await stampOf(path)
    if (stamp !== undefined) seen.set(path, stamp)
  }
}

/** Undefined for a file that has gone meanwhile. */
async function stampOf(path: string): Promise<Stamp | undefined> {
  try {
    const { size, mtimeMs } = await stat(path)
    return { size, mtimeMs }
  } catch {
    return undefined
  }
}
