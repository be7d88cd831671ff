// One process at a time: a lock that is a file, so that it works between processes, on Windows, and
// on disks that containers share.
//
// Whoever creates the file holds the lock; the file says who that is. The holder touches it now and
// then. A lock is stale when its process is gone (same machine) or has not touched it for long
// (another machine, or a process number that was used again); a waiter then breaks it.
// Two waiters must not both break: B could remove the lock that A has just made anew. So breaking
// begins by creating a second file that is named after the stale lock's own secret, which only one
// of them can do.
//
// If all of this failed, two processes would download the same model at once, each to files of its
// own, and the one that is later would find the model there. Nothing is ever damaged.
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { isProcessAlive } from '../base/process-alive.ts'
import { systemCode } from '../base/system-errors.ts'
import { storeError } from './failures.ts'

/** How often a holder shows that it lives. */
const TOUCH_MS = 15_000
/** Long enough for a computer that hangs in swap; short enough for somebody who waits. */
const STALE_MS = 5 * 60_000
/** Files that exist without their content for some milliseconds; older ones were left by a crash. */
const UNFINISHED_MS = 10_000
/** How often a waiter looks. */
const POLL_MS = 250

/** A file that is being deleted can be in the way for a moment, on Windows above all. */
const VANISHED_MS = 20
const MAX_VANISHED = 250

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** Tells this lock from any other one of the same process. */
  secret: z.string().regex(/^[\da-f]{32}$/),
})

export type LockOwner = z.infer<typeof ownerSchema>

export interface FileLock {
  readonly owner: LockOwner
  release(): Promise<void>
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined
  /** Called once when somebody else holds the lock; undefined when the file does not say who. */
  readonly onWait?: ((owner: LockOwner | undefined) => void) | undefined
  /** Milliseconds; shorter in tests. */
  readonly pollMs?: number
  readonly staleMs?: number
  readonly touchMs?: number
}

/** Locks of this process: its own number alone does not tell whether a lock is still held. */
const held = new Set<string>()

/**
 * Runs `work` while holding the lock, waiting for it as long as it takes.
 *
 * @throws FlocapError `cancelled` when `signal` fires before the lock is held.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await acquireLock(path, options)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** @throws FlocapError `cancelled` when `signal` fires before the lock is held. */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<FileLock> {
  const { signal, onWait, pollMs = POLL_MS, staleMs = STALE_MS, touchMs = TOUCH_MS } = options
  await mkdir(dirname(path), { recursive: true })
  const owner: LockOwner = {
    pid: process.pid,
    host: hostname(),
    secret: randomBytes(16).toString('hex'),
  }
  let isWaiting = false
  let vanished = 0
  for (;;) {
    assertNotCancelled(signal)
    if (await createExclusively(path, owner)) break
    const found = await inspectLock(path, staleMs)
    if (found === 'gone') {
      // Released just now. A folder in which nothing can be created looks the same.
      vanished += 1
      if (vanished > MAX_VANISHED) throw cannotLock(path)
      await sleep(VANISHED_MS)
    } else if (found.isStale) {
      await breakLock(path, found, staleMs)
    } else {
      if (!isWaiting) onWait?.(found.owner)
      isWaiting = true
      await sleep(pollMs)
    }
  }
  const timer = setInterval(() => {
    const now = new Date()
    // A lock that was broken meanwhile is gone; then there is nothing to touch.
    utimes(path, now, now).catch(() => undefined)
  }, touchMs)
  timer.unref()
  return {
    owner,
    release: async () => {
      clearInterval(timer)
      held.delete(owner.secret)
      const current = await readOwner(path)
      if (current?.secret === owner.secret) await rm(path, { force: true })
    },
  }
}

function cannotLock(path: string): Error {
  return storeError('busy', 'A lock file can be neither created nor found.', {
    subject: basename(path),
    hint: `Look whether files may be created in ${dirname(path)}.`,
  })
}

function assertNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw storeError('cancelled', 'Waiting for another process was cancelled.', {
    cause: signal.reason,
  })
}

/** False when the file exists already. */
async function createExclusively(path: string, owner: LockOwner): Promise<boolean> {
  let handle
  try {
    handle = await open(path, 'wx')
  } catch (error) {
    // Windows says EPERM or EBUSY of a file that is just being deleted.
    if (['EEXIST', 'EPERM', 'EBUSY'].includes(systemCode(error) ?? '')) return false
    throw error
  }
  try {
    held.add(owner.secret)
    await handle.writeFile(JSON.stringify(owner))
    await handle.close()
  } catch (error) {
    await handle.close().catch(() => undefined)
    await rm(path, { force: true })
    held.delete(owner.secret)
    throw error
  }
  return true
}

interface FoundLock {
  /** Undefined while the file is being written, or when it is no lock file. */
  readonly owner: LockOwner | undefined
  readonly isStale: boolean
}

async function inspectLock(path: string, staleMs: number): Promise<FoundLock | 'gone'> {
  const owner = await readOwner(path)
  let untouchedMs: number
  try {
    untouchedMs = Date.now() - (await stat(path)).mtimeMs
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'gone'
    throw error
  }
  const isLeft = owner === undefined ? untouchedMs > UNFINISHED_MS : isGone(owner)
  return { owner, isStale: isLeft || untouchedMs > staleMs }
}

/** Whether the owner is a process of this machine that has ended. */
function isGone(owner: LockOwner): boolean {
  if (owner.host !== hostname()) return false
  // In a container every start may get the same process number.
  if (owner.pid === process.pid) return !held.has(owner.secret)
  return !isProcessAlive(owner.pid)
}

async function breakLock(path: string, stale: FoundLock, staleMs: number): Promise<void> {
  const mark = `${path}.${stale.owner?.secret ?? 'unreadable'}.breaking`
  if (!(await createMark(mark))) return
  try {
    // The stale lock may have been broken, and another one made, since it was looked at.
    const now = await inspectLock(path, staleMs)
    const isSame = now !== 'gone' && now.owner?.secret === stale.owner?.secret
    if (isSame && now.isStale) await rm(path, { force: true })
  } finally {
    await rm(mark, { force: true })
  }
}

async function createMark(mark: string): Promise<boolean> {
  try {
    await (await open(mark, 'wx')).close()
    return true
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
  const age = await stat(mark).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
  if (age > UNFINISHED_MS) await rm(mark, { force: true })
  await sleep(POLL_MS)
  return false
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'))
    const owner = ownerSchema.safeParse(json)
    return owner.success ? owner.data : undefined
  } catch {
    return undefined
  }
}
