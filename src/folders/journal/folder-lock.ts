// One run at a time in an output folder: two would each write what the other has not seen.
import { open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { fileError } from '../../base/file-errors.ts'
import { isProcessAlive } from '../../base/process-alive.ts'
import { systemCode } from '../../base/system-errors.ts'

const ownerSchema = z.object({ pid: z.int().positive(), host: z.string() })

/**
 * Takes the lock, also that of a run which was killed on this machine.
 * @returns what gives it back.
 * @throws FlocapError `file_not_written` naming the process that holds it.
 */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  const { heldBy } = await tryLock(path)
  if (heldBy !== undefined) throw isHeld(path, heldBy)
  return async () => rm(path, { force: true })
}

export interface FolderLock {
  /** The process that has it; undefined when it is ours now. */
  readonly heldBy: number | undefined
}

/** As `lockFolder`, where it is no failure that another process has it. @throws FlocapError. */
export async function tryLock(path: string): Promise<FolderLock> {
  if (await create(path)) return { heldBy: undefined }
  const owner = await findOwner(path)
  if (owner !== undefined) return { heldBy: owner }
  await rm(path, { force: true })
  if (await create(path)) return { heldBy: undefined }
  // Another one was faster.
  return { heldBy: (await readOwner(path))?.pid ?? process.pid }
}

async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }))
    await file.close()
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw fileError(path, error)
  }
}

/** Undefined when whoever had it was killed on this machine. */
async function findOwner(path: string): Promise<number | undefined> {
  const owner = await readOwner(path)
  if (owner === undefined || owner.pid === process.pid) return undefined
  return owner.host !== hostname() || isProcessAlive(owner.pid) ? owner.pid : undefined
}

/** Undefined for a file without its content: its process was killed between the two. */
async function readOwner(path: string) {
  try {
    return ownerSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

function isHeld(path: string, pid: number): FlocapError {
  return new FlocapError('file_not_written', `Another run works in this folder (process ${pid}).`, {
    subject: path,
    hint: `Wait for its end. If there is none, remove ${path}.`,
  })
}
