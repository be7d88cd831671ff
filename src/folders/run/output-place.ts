// One output folder during a run: its journal, its common files, and what the run has touched.
import { randomUUID } from 'node:crypto'
import type { FlocapError } from '../../base/errors.ts'
import type { AnsweredPicture } from '../ask/answer-questions.ts'
import type { CollectedFile, CollectedFormat, Row } from '../formats/format.ts'
import type { PictureFile, Stamp } from '../inputs/picture-file.ts'
import type { PictureEntry } from '../journal/entry.ts'
import type { Journal } from '../journal/journal.ts'
import { type JournalKind, openJournalPlace } from '../journal/open-place.ts'
import { createWholeFiles } from '../journal/whole-files.ts'
import { openDecisions } from '../review/decisions.ts'
import { createLocks } from '../review/locks.ts'
import { readOwnCaption } from '../review/places.ts'
import { createPictureDigests } from '../review/picture-digests.ts'

export interface OutputPlace {
  readonly journal: Journal
  readonly collected: readonly CollectedFile[]
  /** This run, and the stopped one that it continues. */
  readonly runs: ReadonlySet<string>
  /** Whether a person has locked the picture's caption, now. */
  readonly isLocked: (picture: PictureFile) => Promise<boolean>
  /** Writes the picture's line. */
  record(entry: Omit<PictureEntry, 'type' | 'run' | 'time'>): Promise<void>
  /** Writes what its file is like since its captions are in it. */
  recordEmbedded(name: string, stamp: Stamp): Promise<void>
  /** Writes that it could not be captioned. */
  recordFailure(name: string, error: FlocapError): Promise<void>
  /** The picture's row has news. */
  touch(name: string): void
  /** Writes the common files; `isComplete` when no picture is left. */
  finish(isComplete: boolean): Promise<void>
  close(): Promise<void>
}

export interface OutputOptions {
  readonly output: string
  readonly pictures: readonly PictureFile[]
  readonly formats: readonly CollectedFormat[]
  readonly journalKind: JournalKind
  readonly overwrites: boolean
  /** A stopped run with the same key is gone on with. */
  readonly optionsKey: string
  readonly model: string
  /** What the journal has of a picture, for a row; undefined when that does not fit the run. */
  readonly toRow: (picture: PictureFile, journal: Journal) => Promise<Row>
}

/** @throws FlocapError when the folder cannot be written to or a common file is of another form. */
export async function openOutput(options: OutputOptions): Promise<OutputPlace> {
  const { output, pictures, optionsKey, overwrites, model, toRow } = options
  const { journal, close } = await openJournalPlace(output, options.journalKind)
  const decisions = await openDecisions(output)
  const locks = createLocks(output, decisions.locks, createPictureDigests())
  const run = randomUUID()
  const touched = new Set<string>()
  const continued = journal.unfinished?.options === optionsKey ? journal.unfinished : undefined
  const runs = new Set([run, ...(continued === undefined ? [] : [continued.run])])
  let isBegun = false

  async function begin(): Promise<void> {
    if (isBegun) return
    isBegun = true
    if (continued !== undefined) return
    const time = now()
    await journal.append({
      type: 'run',
      run,
      time,
      options: optionsKey,
      overwrite: overwrites,
      model,
    })
  }

  const openAll = async (): Promise<readonly CollectedFile[]> => {
    const files: CollectedFile[] = []
    const wholes = createWholeFiles(output, journal, overwrites)
    for (const format of options.formats) {
      files.push(await format.open(output, { pictures, wholes }))
    }
    return files
  }

  try {
    const collected = await openAll()
    return {
      journal,
      collected,
      runs,
      async isLocked(picture) {
        await decisions.refresh()
        return (await locks.stateOf(picture)) === 'locked'
      },
      async record(entry) {
        await begin()
        const id = continued?.run ?? run
        await journal.append({ type: 'picture', run: id, time: now(), ...entry })
      },
      async recordEmbedded(name, stamp) {
        const id = continued?.run ?? run
        await journal.append({ type: 'embedded', name, run: id, time: now(), ...stamp })
      },
      async recordFailure(name, { code, message }) {
        await begin()
        const id = continued?.run ?? run
        await journal.append({ type: 'failure', name, run: id, time: now(), code, message })
      },
      touch: (name) => void touched.add(name),
      async finish(isComplete) {
        for (const file of collected) {
          await file.finish(listRows(file), isComplete)
        }
        if (isComplete && (isBegun || continued !== undefined)) {
          await journal.append({ type: 'end', run: continued?.run ?? run, time: now() })
        }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }

  async function* listRows(file: CollectedFile): AsyncGenerator<Row> {
    for (const picture of pictures) {
      const isOurs = runs.has(journal.find(picture.name)?.run ?? '')
      const isNews = touched.has(picture.name) || isOurs || !file.has(picture)
      if ((await locks.stateOf(picture)) === 'locked') {
        yield file.has(picture) ? { picture } : await toLockedRow(picture)
      } else yield isNews ? await toRow(picture, journal) : { picture }
    }
  }

  /** A file that has nothing of the picture gets what the person has written, not the model's words. */
  async function toLockedRow(picture: PictureFile): Promise<Row> {
    const { captioned } = await toRow(picture, journal)
    const own = captioned === undefined ? undefined : await readOwnCaption(picture)
    if (captioned === undefined || own === undefined) return { picture }
    return { picture, captioned: { ...captioned, captions: own.split('\n') } }
  }
}

function now(): string {
  return new Date().toISOString()
}

/** The picture's answers to these questions, in their order; undefined when one is missing. */
export async function readKnownAnswers(
  journal: Journal,
  name: string,
  keys: readonly string[],
): Promise<AnsweredPicture | undefined> {
  const known = journal.find(name)
  if (known === undefined || !keys.every((key) => known.asked.includes(key))) return undefined
  const answered = await journal.readAnswers(known)
  if (answered === undefined) return undefined
  const answers = keys.flatMap((key) => answered.answers[known.asked.indexOf(key)] ?? [])
  return { ...answered, answers }
}
