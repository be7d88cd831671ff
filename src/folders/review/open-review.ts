// A captioned folder before a person: its pictures with their captions, and what is done to them.
//
// The files are the truth. Each list reads them again, and nothing is written before what a person has
// read is compared with what is there: another browser, a run or an editor may have been faster.
import pMap from 'p-map'
import { FlocapError } from '../../base/errors.ts'
import { systemCode } from '../../base/system-errors.ts'
import type { PictureFile, Stamp } from '../inputs/picture-file.ts'
import { readCaption, tidyCaption } from './caption-file.ts'
import { openDecisions } from './decisions.ts'
import { type Facts, readFacts } from './known-facts.ts'
import { createLocks, type LockState } from './locks.ts'
import { createPictureDigests } from './picture-digests.ts'
import { findPlaces, type Place, type PlacesOptions } from './places.ts'
import { compileReplacement, type Replacement } from './replacement.ts'
import { saveCaptions, type SavedPlaces } from './save-captions.ts'
import { type Change, openUndoFile } from './undo-file.ts'

export interface ReviewedPicture {
  readonly name: string
  readonly caption: string | null
  /** Within the folder: what holds the caption, or would. */
  readonly file: string
  /** Why the caption cannot be edited here. */
  readonly readOnly: string | null
  readonly confidence: number | null
  readonly failure: string | null
  readonly edited: boolean
  readonly lock: LockState
  /** Of the picture as it was captioned: pictures with the same one are the same. */
  readonly sha256: string | null
  /** Changes with the picture file. */
  readonly stamp: string
}

export interface Saved extends Omit<SavedPlaces, 'saved'> {
  readonly saved: readonly ReviewedPicture[]
}

export interface Undoable {
  /** When that step was; null without one. */
  readonly time: string | null
  readonly changes: readonly Change[]
}

export interface Review {
  list(): Promise<readonly ReviewedPicture[]>
  /**
   * Each change by itself: those that can be made are made.
   * @param step under which they can be taken back together.
   */
  save(changes: readonly Change[], step?: string): Promise<Saved>
  /** What would take back the last such step, as far as nobody has changed it since. */
  undoable(): Promise<Undoable>
  lock(names: readonly string[], locked: boolean): Promise<readonly ReviewedPicture[]>
  /** What it would change; nothing is written. Locked captions stay. */
  replace(names: readonly string[], replacement: Replacement): Promise<readonly Change[]>
  /** @throws FlocapError `missing_image` for a picture that the folder does not have. */
  find(name: string): PictureFile
}

export interface ReviewOptions extends PlacesOptions {
  readonly folder: string
}

/** Files that are open at a time. */
const OPEN_FILES = { concurrency: 32 }

/** @throws FlocapError `missing_image` for a folder that cannot be read. */
export async function openReview({ folder, ...how }: ReviewOptions): Promise<Review> {
  const decisions = await openDecisions(folder)
  const undo = openUndoFile(folder)
  const digests = createPictureDigests()
  const locks = createLocks(folder, decisions.locks, digests)
  let places: ReadonlyMap<string, Place> = new Map()
  let facts: Facts | undefined
  let last: Promise<unknown> = Promise.resolve()

  /** One writer at a time: what is compared is still so when it is written. */
  async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    try {
      return await mine
    } catch (error) {
      throw toReviewError(error)
    }
  }

  function placeOf(name: string): Place {
    const place = places.get(name)
    if (place !== undefined) return place
    throw new FlocapError('missing_image', 'There is no such picture in this folder.', {
      subject: name,
      hint: 'Load the list again: it may have been renamed or removed.',
    })
  }

  async function look(place: Place, known?: Stamp): Promise<ReviewedPicture> {
    const { picture, ending, path, file, clash } = place
    const { text, digest, readOnly } = await readCaption(path)
    const stamp = known ?? (await picture.stamp())
    const fact = await facts?.of(picture, stamp)
    const original = fact?.files[ending]?.sha256 ?? decisions.originalOf(file)
    return {
      name: picture.name,
      caption: text ?? null,
      file,
      readOnly: clash ?? (readOnly === undefined ? null : `${file} is left alone: ${readOnly}.`),
      confidence: fact?.confidence ?? null,
      failure: text === undefined ? (fact?.failure ?? null) : null,
      edited: original !== undefined && digest !== original,
      lock: await locks.stateOf(picture, stamp),
      sha256: fact?.sha256 ?? null,
      stamp: `${stamp.size}-${Math.round(stamp.mtimeMs)}`,
    }
  }

  /** Nothing where the caption is another one by now. */
  async function takeBack({ name, before, after }: Change): Promise<readonly Change[]> {
    const { text } = await readCaption(placeOf(name).path)
    const now = text ?? null
    return now === after && now !== before ? [{ name, before: now, after: before }] : []
  }

  return {
    list: async () =>
      inTurn(async () => {
        const found = await findPlaces(folder, how)
        const stamps = await readStamps([...found.values()])
        places = new Map([...found].filter(([name]) => stamps.has(name)))
        facts = await readFacts(folder, stamps, digests)
        await decisions.refresh()
        return pMap(places, async ([name, place]) => look(place, stamps.get(name)), OPEN_FILES)
      }),
    save: async (changes, step) =>
      inTurn(async () => {
        const { saved, ...rest } = await saveCaptions(changes, { step, placeOf, decisions, undo })
        return { saved: await pMap(saved, async (place) => look(place), OPEN_FILES), ...rest }
      }),
    undoable: async () => {
      const { time, changes = [] } = (await undo.read()) ?? {}
      const standing = changes.filter(({ name }) => places.has(name))
      const taken = await pMap(standing, async (change) => takeBack(change), OPEN_FILES)
      return { time: time ?? null, changes: taken.flat() }
    },
    lock: async (names, locked) =>
      inTurn(async () => {
        const wanted = names.map((name) => placeOf(name))
        const made = await pMap(
          wanted,
          async ({ picture }) => {
            const stamp = await picture.stamp()
            const sha256 = await digests.of(picture, stamp)
            return { type: 'lock' as const, name: picture.name, sha256, ...stamp, locked }
          },
          OPEN_FILES,
        )
        await decisions.add(made)
        return pMap(wanted, async (place) => look(place), OPEN_FILES)
      }),
    async replace(names, replacement) {
      const apply = compileReplacement(replacement)
      const looked = await pMap(names, async (name) => look(placeOf(name)), OPEN_FILES)
      return looked.flatMap(({ name, caption, lock, readOnly }) => {
        if (caption === null || lock === 'locked' || readOnly !== null) return []
        const after = tidyCaption(apply(caption), caption) ?? null
        return after === caption ? [] : [{ name, before: caption, after }]
      })
    },
    find: (name) => placeOf(name).picture,
  }
}

/** By the pictures' names; one that has just gone is in none. */
async function readStamps(places: readonly Place[]): Promise<ReadonlyMap<string, Stamp>> {
  const stamps = new Map<string, Stamp>()
  await pMap(
    places,
    async ({ picture }) => {
      try {
        stamps.set(picture.name, await picture.stamp())
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw error
      }
    },
    OPEN_FILES,
  )
  return stamps
}

/** What helps a run does not help a person before a page. */
function toReviewError(error: unknown): unknown {
  if (!(error instanceof FlocapError)) return error
  const { code, message, subject, cause } = error
  if (code !== 'disk_full' && code !== 'file_not_written') return error
  return new FlocapError(code, message, {
    hint: 'Nothing was changed. Make room for it, or make the folder writable, and save once more.',
    ...(subject === undefined ? {} : { subject }),
    cause,
  })
}
