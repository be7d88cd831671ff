// The folder in which a model is compiled, beside the one where it will be; and those that compilers
// left which were killed.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { isProcessAlive } from '../base/process-alive.ts'

/** An engine may load and compile for an hour; what nothing was written to for so long is nobody's. */
const ABANDONED_MS = 61 * 60_000

/** `.auto.<machine>.<process>.<uuid>`, and with `.old` a folder that made room. */
const NAME = /^\..+\.(?<machine>[\da-f]{8})\.(?<pid>\d+)\.[\da-f-]{36}(?:\.old)?$/
/** Names of earlier versions, which say nothing of their owner. */
const UNOWNED_NAME = /^\..+\.[\da-f-]{36}(?:\.old)?$/

/** Of this process: its number alone may be that of an earlier one, in containers above all. */
const own = new Set<string>()

/** Makes an empty folder on the same disk as `destination`. */
export async function createWorkspace(destination: string): Promise<string> {
  const name = `.${basename(destination)}.${machine()}.${process.pid}.${randomUUID()}`
  const folder = join(dirname(destination), name)
  own.add(name)
  await mkdir(folder)
  return folder
}

export async function removeWorkspace(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  own.delete(basename(folder))
}

/**
 * Removes what compilers of any form have left beside `destination`: those of this machine whose
 * process has ended, and others that were not written to for an hour.
 *
 * @returns the names of what was removed.
 */
export async function removeLeftovers(destination: string): Promise<readonly string[]> {
  const parent = dirname(destination)
  const removed: string[] = []
  for (const name of await readdir(parent).catch(() => [])) {
    if (!(await isLeft(parent, name))) continue
    try {
      await rm(join(parent, name), { recursive: true, force: true })
      removed.push(name)
    } catch {
      // A disk that takes no writes holds compiled models all the same.
    }
  }
  return removed
}

async function isLeft(parent: string, name: string): Promise<boolean> {
  if (own.has(name.replace(/\.old$/, ''))) return false
  const owner = NAME.exec(name)?.groups
  if (owner === undefined && !UNOWNED_NAME.test(name)) return false
  if (owner?.['machine'] === machine()) {
    const pid = Number(owner['pid'])
    // What this process does not know of is from an earlier one of the same number.
    if (pid === process.pid || !isProcessAlive(pid)) return true
  }
  return Date.now() - (await lastWrite(join(parent, name))) > ABANDONED_MS
}

async function lastWrite(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const paths = [folder, ...names.map((name) => join(folder, name))]
  const times = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  )
  return Math.max(...times)
}

function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
}
