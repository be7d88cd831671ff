// A captioned folder before a person: its pictures with their captions, and what is done to them.
//
// The files are the truth. Each list reads them again, and nothing is written before what a person has
// read is compared with what is there: another browser, a run or an editor may have been faster.
import { join, posix, relative, sep } from 'node:path'
import { readdir } from 'node:fs/promises'
import pMap from 'p-map'
import { FlocapError, toFlocapError } from '../../base/errors.ts'
import { compileTextRules } from '../../caption/rules/text-rules.ts'
import { findClashes, nameStem, type Naming } from '../formats/names.ts'
import { findPictures } from '../inputs/find-pictures.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { RecognisePicture } from '../ports.ts'
import { type CaptionText, readCaption, tidyCaption, writeCaption } from './caption-file.ts'
import { openDecisions } from './decisions.ts'
import { type KnownFacts, readKnownFacts } from './known-facts.ts'

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
  readonly locked: boolean
  /** Of the picture as it was captioned: pictures with the same one are the same. */
  readonly sha256: string | null
  /** Changes with the picture file. */
  readonly stamp: string
}

export interface Change {
  readonly name: string
  /** The caption as it was read; null for none. */
  readonly before: string | null
  readonly after: string | null
}

export interface Saved {
  readonly saved: readonly ReviewedPicture[]
  readonly conflicts: readonly { readonly name: string; readonly theirs: string | null }[]
  readonly failed: readonly { readonly name: string; readonly message: string }[]
}

export interface Replacement {
  readonly names: readonly string[]
  readonly from: string
  readonly to: string
  readonly regex: boolean
}

export interface Review {
  list(): Promise<readonly ReviewedPicture[]>
  /** Each change by itself: those that can be made are made. */
  save(changes: readonly Change[]): Promise<Saved>
  lock(names: readonly string[], locked: boolean): Promise<readonly ReviewedPicture[]>
  /** What it would change; nothing is written. Locked captions stay. */
  replace(replacement: Replacement): Promise<readonly Change[]>
  /** @throws FlocapError `missing_image` for a picture that the folder does not have. */
  find(name: string): PictureFile
}

export interface ReviewOptions {
  readonly folder: string
  readonly recursive: boolean
  readonly recognise: RecognisePicture
}

/** Files that are open at a time. */
const OPEN_FILES = { concurrency: 32 }

/** Those that trainers read, in the order in which they are looked for. */
const ENDINGS = ['txt', 'caption'] as const
type Ending = (typeof ENDINGS)[number]

interface Place {
  readonly picture: PictureFile
  readonly ending: Ending
  readonly path: string
  readonly clash: string | undefined
}

/** @throws FlocapError `missing_image` for a folder that cannot be read. */
export async function openReview({ folder, ...how }: ReviewOptions): Promise<Review> {
  const decisions = await openDecisions(folder)
  let places: ReadonlyMap<string, Place> = new Map()
  let facts: ReadonlyMap<string, KnownFacts> = new Map()
  let last: Promise<unknown> = Promise.resolve()

  /** One writer at a time: what is compared is still so when it is written. */
  async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }

  function placeOf(name: string): Place {
    const place = places.get(name)
    if (place !== undefined) return place
    throw new FlocapError('missing_image', 'There is no such picture in this folder.', {
      subject: name,
      hint: 'Load the list again: it may have been renamed or removed.',
    })
  }

  async function look(place: Place, found?: CaptionText): Promise<ReviewedPicture> {
    const { picture, ending, path, clash } = place
    const { text, digest, readOnly } = found ?? (await readCaption(path))
    const { confidence, failure, files, sha256 } = facts.get(picture.name) ?? { files: {} }
    const file = relative(folder, path).replaceAll(sep, '/')
    const original = files[ending]?.sha256 ?? decisions.originalOf(file)
    const { size, mtimeMs } = await picture.stamp()
    return {
      name: picture.name,
      caption: text ?? null,
      file,
      readOnly: clash ?? (readOnly === undefined ? null : `${file} is left alone: ${readOnly}.`),
      confidence: confidence ?? null,
      failure: text === undefined ? (failure ?? null) : null,
      edited: original !== undefined && digest !== original,
      locked: decisions.isLocked(picture.name),
      sha256: sha256 ?? null,
      stamp: `${size}-${Math.round(mtimeMs)}`,
    }
  }

  async function saveOne({ name, before, after }: Change): Promise<Partial<Saved>> {
    const place = placeOf(name)
    const found = await readCaption(place.path)
    const { readOnly } = await look(place, found)
    if (readOnly !== null) throw new FlocapError('file_not_written', readOnly)
    const wanted = tidyCaption(after, before)
    const theirs = found.text ?? null
    if (theirs !== before && theirs !== (wanted ?? null)) return { conflicts: [{ name, theirs }] }
    if (theirs !== (wanted ?? null)) {
      const file = relative(folder, place.path).replaceAll(sep, '/')
      const digest = await writeCaption(place.path, wanted)
      await decisions.add([{ type: 'edit', name, file, before: found.digest, after: digest }])
    }
    return { saved: [await look(place)] }
  }

  return {
    list: async () =>
      inTurn(async () => {
        places = await findPlaces(folder, how)
        facts = await readKnownFacts(folder)
        await decisions.refresh()
        return pMap([...places.values()], async (place) => look(place), OPEN_FILES)
      }),
    save: async (changes) =>
      inTurn(async () => {
        const saved: ReviewedPicture[] = []
        const conflicts: Saved['conflicts'][number][] = []
        const failed: Saved['failed'][number][] = []
        for (const change of changes) {
          try {
            const made = await saveOne(change)
            saved.push(...(made.saved ?? []))
            conflicts.push(...(made.conflicts ?? []))
          } catch (error) {
            failed.push({ name: change.name, message: toFlocapError(error).message })
          }
        }
        return { saved, conflicts, failed }
      }),
    lock: async (names, locked) =>
      inTurn(async () => {
        const wanted = names.map((name) => placeOf(name))
        await decisions.add(
          wanted.map(({ picture: { name } }) => ({ type: 'lock' as const, name, locked })),
        )
        return pMap(wanted, async (place) => look(place), OPEN_FILES)
      }),
    async replace({ names, from, to, regex }) {
      const apply = compileReplacement(from, to, regex)
      const looked = await pMap(names, async (name) => look(placeOf(name)), OPEN_FILES)
      return looked.flatMap(({ name, caption, locked, readOnly }) => {
        if (caption === null || locked || readOnly !== null) return []
        const after = tidyCaption(apply(caption), caption) ?? null
        return after === caption ? [] : [{ name, before: caption, after }]
      })
    },
    find: (name) => placeOf(name).picture,
  }
}

/** Matches nothing, which shows what else a rule does to a text. */
const NOTHING = String.raw`[^\s\S]`

/** A caption in which nothing is found stays exactly as it is. */
function compileReplacement(from: string, to: string, regex: boolean): (text: string) => string {
  const [rule] = compileTextRules(
    regex ? { replaceRegex: [{ from, to }] } : { replace: [{ from, to }] },
  )
  const [idle] = compileTextRules({ replaceRegex: [{ from: NOTHING, to: '' }] })
  return (text) => {
    const after = rule?.apply(text) ?? text
    return after === idle?.apply(text) ? text : after
  }
}

async function findPlaces(
  folder: string,
  how: Omit<ReviewOptions, 'folder'>,
): Promise<ReadonlyMap<string, Place>> {
  const found = await findPictures([folder], how)
  await found.close()
  const [failure] = found.failures
  if (failure !== undefined && found.pictures.length === 0) throw failure.error
  const pictures = found.pictures.filter(({ archive }) => archive === undefined)
  const names = await namesBeside(folder, pictures)
  const clashes = findClashes(pictures, (picture) => [nameStem(picture, 'stem')])
  const clashing = new Map(
    [...clashes.values()].flatMap((group) => group.map((each) => [each.name, group])),
  )
  const usual = usualForm(pictures, names)
  return new Map(
    pictures.map((picture) => {
      const { ending, naming } = findForm(picture, names) ?? usual
      const file = `${nameStem(picture, naming)}.${ending}`
      const others = naming === 'full' ? undefined : clashing.get(picture.name)
      const other = others?.find(({ name }) => name !== picture.name)?.name
      const clash = other && `${file} would also be the caption of ${other}.`
      return [picture.name, { picture, ending, path: join(folder, file), clash }]
    }),
  )
}

interface Form {
  readonly ending: Ending
  readonly naming: Naming
}

const FORMS: readonly Form[] = ENDINGS.flatMap((ending) => [
  { ending, naming: 'stem' },
  { ending, naming: 'full' },
])

function findForm(picture: PictureFile, names: ReadonlySet<string>): Form | undefined {
  return FORMS.find(({ ending, naming }) => names.has(`${nameStem(picture, naming)}.${ending}`))
}

/** What most captions of the folder are called, for pictures that have none. */
function usualForm(pictures: readonly PictureFile[], names: ReadonlySet<string>): Form {
  const counts = new Map<Form, number>()
  for (const picture of pictures) {
    const form = findForm(picture, names)
    if (form !== undefined) counts.set(form, (counts.get(form) ?? 0) + 1)
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a)
  return most?.[0] ?? { ending: 'txt', naming: 'stem' }
}

/** Every file of the pictures' folders, within `folder`, with `/`. */
async function namesBeside(
  folder: string,
  pictures: readonly PictureFile[],
): Promise<ReadonlySet<string>> {
  const folders = new Set(pictures.map(({ name }) => posix.dirname(name)))
  const names = new Set<string>()
  for (const inner of folders) {
    for (const name of await readdir(join(folder, inner))) names.add(posix.join(inner, name))
  }
  return names
}
