// One run at a time in an output folder: two would each write what the other has not seen.
import { open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { fileError } from '../../base/file-errors.ts'
import { systemCode } from '../../base/system-errors.ts'

const ownerSchema = z.object({ pid: z.int().positive(), host: z.string() })

/**
 * Takes the lock, also that of a run which was killed on this machine.
 * @returns what gives it back.
 * @throws FlocapError `file_not_written` naming the process that holds it.
 */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  if (!(await create(path))) {
    await assertAbandoned(path)
    await rm(path, { force: true })
    if (!(await create(path))) throw isHeld(path, undefined)
  }
  return async () => rm(path, { force: true })
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

async function assertAbandoned(path: string): Promise<void> {
  const owner = await readOwner(path)
  if (owner === undefined || owner.pid === process.pid) return
  if (owner.host !== hostname() || isAlive(owner.pid)) throw isHeld(path, owner.pid)
}

/** Undefined for a file without its content: its process was killed between the two. */
async function readOwner(path: string) {
  try {
    return ownerSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It lives, and belongs to somebody else.
    return systemCode(error) === 'EPERM'
  }
}

function isHeld(path: string, pid: number | undefined): FlocapError {
  const who = pid === undefined ? '' : ` (process ${pid})`
  return new FlocapError('file_not_written', `Another run works in this folder${who}.`, {
    subject: path,
    hint: `Wait for its end. If there is none, remove ${path}.`,
  })
}
