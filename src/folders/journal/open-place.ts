// The journal of an output folder, or one in the system's temporary folder that ends with the run.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileError } from '../../base/file-errors.ts'
import { makeFolder } from '../../base/make-folder.ts'
import { lockFolder } from './folder-lock.ts'
import { type Journal, NO_JOURNAL, openJournal } from './journal.ts'

/** Hidden, beside the captions that it is about. */
export const JOURNAL_FOLDER = '.flocap'
export const JOURNAL_FILE = 'journal.jsonl'
const LOCK = 'lock'

export interface JournalPlace {
  readonly journal: Journal
  readonly close: () => Promise<void>
}

/** `none` where nothing is written that a later run could go on from. */
export type JournalKind = 'kept' | 'for-this-run' | 'none'

/** @throws FlocapError when the folder cannot be written to or another run works in it. */
export async function openJournalPlace(output: string, kind: JournalKind): Promise<JournalPlace> {
  if (kind === 'none') return { journal: NO_JOURNAL, close: async () => undefined }
  if (kind === 'for-this-run') {
    const folder = await mkdtemp(join(tmpdir(), 'flocap-'))
    const journal = await openJournal(join(folder, JOURNAL_FILE))
    return {
      journal,
      async close() {
        await journal.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  }
  const folder = join(output, JOURNAL_FOLDER)
  await makeOutputFolder(folder)
  const unlock = await lockFolder(join(folder, LOCK))
  try {
    const journal = await openJournal(join(folder, JOURNAL_FILE))
    return {
      journal,
      async close() {
        await journal.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

/** With its parents. @throws FlocapError `disk_full` or `file_not_written`. */
export async function makeOutputFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
  } catch (error) {
    throw fileError(folder, error)
  }
}
