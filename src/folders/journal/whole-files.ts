// Files about many pictures that are written as a whole, such as shards: the journal knows which content
// each was given, so that the next run leaves alone what is there already, and touches nothing of others.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import { fileError } from '../../base/file-errors.ts'
import { systemCode } from '../../base/system-errors.ts'
import type { Stamp } from '../inputs/picture-file.ts'
import type { Journal } from './journal.ts'

export interface WholeFiles {
  /**
   * Before anything is captioned for it.
   * @throws FlocapError `file_not_written` for a file that is there and was not written by such a run,
   * unless the run overwrites.
   */
  assertOurs(name: string): Promise<void>
  /** Whether the file is there, as it was written for `key`. */
  isThere(name: string, key: string): Promise<boolean>
  /** On record before the file gets its name: a run that is killed between the two writes it again. */
  record(name: string, key: string, unfinished: string): Promise<void>
}

/** @param output the folder that names are within. */
export function createWholeFiles(
  output: string,
  journal: Pick<Journal, 'findFile' | 'append'>,
  overwrites: boolean,
): WholeFiles {
  return {
    async assertOurs(name) {
      const path = join(output, name)
      const isForeign = !overwrites && journal.findFile(name) === undefined
      if (!isForeign || (await stampOf(path)) === undefined) return
      throw new FlocapError(
        'file_not_written',
        `${name} is there already, and the journal of its folder does not know it.`,
        {
          subject: path,
          hint: '--overwrite replaces it; --out writes into another folder.',
        },
      )
    },
    async isThere(name, key) {
      const known = journal.findFile(name)
      if (known?.key !== key) return false
      const now = await stampOf(join(output, name))
      return now?.size === known.size && now.mtimeMs === known.mtimeMs
    },
    async record(name, key, unfinished) {
      const { size, mtimeMs } = await stat(unfinished)
      const time = new Date().toISOString()
      await journal.append({ type: 'file', time, file: name, key, size, mtimeMs })
    },
  }
}

/** Undefined for no file. */
async function stampOf(path: string): Promise<Stamp | undefined> {
  try {
    const { size, mtimeMs } = await stat(path)
    return { size, mtimeMs }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw fileError(path, error)
  }
}
