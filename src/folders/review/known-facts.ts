// What the journal says of a folder's pictures that a person who reviews them wants to see.
import { join } from 'node:path'
import type { PictureFile, Stamp } from '../inputs/picture-file.ts'
import { JOURNAL_FILE, JOURNAL_FOLDER } from '../journal/open-place.ts'
import { readJournal } from '../journal/journal.ts'
import type { PictureDigests } from './picture-digests.ts'

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

export interface Facts {
  /** Of a picture of this name and size, or one that has been renamed to it. */
  of(picture: PictureFile, stamp: Stamp): Promise<KnownFacts>
}

const NOTHING: KnownFacts = { files: {} }

interface Entry extends KnownFacts {
  /** As it was captioned. */
  readonly name: string
  /** Of the picture file. */
  readonly size: number
}

/** Nothing about any picture without a journal. @param there the pictures that are there now. */
export async function readFacts(
  output: string,
  there: ReadonlyMap<string, Stamp>,
  digests: PictureDigests,
): Promise<Facts> {
  const { entries, failures } = await readEntries(output, digests)
  const gone = [...entries.values()].filter(({ name, size }) => there.get(name)?.size !== size)
  const goneSizes = new Set(gone.map(({ size }) => size))
  const goneDigests = new Map(gone.map((entry) => [entry.sha256, entry]))

  async function captioned(picture: PictureFile, stamp: Stamp): Promise<KnownFacts> {
    const entry = entries.get(picture.name)
    // Another picture is in its place where the sizes differ.
    if (entry?.size === stamp.size) return entry
    if (!goneSizes.has(stamp.size)) return NOTHING
    return goneDigests.get(await digests.of(picture, stamp)) ?? NOTHING
  }

  return {
    async of(picture, stamp) {
      const failure = failures.get(picture.name)
      const known = await captioned(picture, stamp)
      return failure === undefined ? known : { ...known, failure }
    },
  }
}

async function readEntries(output: string, digests: PictureDigests) {
  const entries = new Map<string, Entry>()
  const failures = new Map<string, string>()
  await readJournal(join(output, JOURNAL_FOLDER, JOURNAL_FILE), (entry) => {
    switch (entry.type) {
      case 'picture': {
        const { name, sha256, files, size } = entry
        const [answer] = entry.answered.answers
        const confidence = answer?.confidence
        digests.learn(name, entry, sha256)
        failures.delete(name)
        entries.set(name, {
          name,
          sha256,
          files,
          size,
          ...(confidence === undefined ? {} : { confidence }),
        })
        break
      }
      case 'embedded': {
        const before = entries.get(entry.name)
        if (before !== undefined) entries.set(entry.name, { ...before, size: entry.size })
        break
      }
      case 'failure':
        failures.set(entry.name, entry.message)
        break
      case 'file':
      case 'run':
      case 'end':
        break
    }
  })
  return { entries, failures }
}
