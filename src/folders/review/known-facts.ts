// What the journal says of a folder's pictures that a person who reviews them wants to see.
import { join } from 'node:path'
import { JOURNAL_FILE, JOURNAL_FOLDER } from '../journal/open-place.ts'
import { readJournal } from '../journal/journal.ts'

export interface KnownFacts {
  /** Of the first answer, 0 to 1. */
  readonly confidence?: number
  /** SHA-256 of the picture, as it was captioned. */
  readonly sha256?: string
  /** What each format's file was given, as SHA-256. */
  readonly files: Readonly<Record<string, { readonly sha256: string }>>
  /** Why it could not be captioned, if that is the last thing that happened. */
  readonly failure?: string
}

/** By the pictures' names; empty without a journal. */
export async function readKnownFacts(output: string): Promise<ReadonlyMap<string, KnownFacts>> {
  const facts = new Map<string, KnownFacts>()
  await readJournal(join(output, JOURNAL_FOLDER, JOURNAL_FILE), (entry) => {
    if (entry.type === 'failure') {
      facts.set(entry.name, { ...(facts.get(entry.name) ?? { files: {} }), failure: entry.message })
    }
    if (entry.type !== 'picture') return
    const [answer] = entry.answered.answers
    facts.set(entry.name, {
      sha256: entry.sha256,
      files: entry.files,
      ...(answer === undefined ? {} : { confidence: answer.confidence }),
    })
  })
  return facts
}
