// Saving captions: each is compared with what a person has read before it, and is written only then.
//
// What is about to be written is on record first, so that nothing that a crash leaves behind is lost
// for taking it back: a record without its change tells of what is still so.
import pMap from 'p-map'
import { FlocapError, toFlocapError } from '../../base/errors.ts'
import {
  captionDigest,
  type CaptionText,
  readCaption,
  tidyCaption,
  writeCaption,
} from './caption-file.ts'
import type { Decisions } from './decisions.ts'
import type { Place } from './places.ts'
import type { Change, UndoFile } from './undo-file.ts'

export interface Conflict {
  readonly name: string
  /** What is there now; null for no caption. */
  readonly theirs: string | null
}

export interface FailedSave {
  readonly name: string
  readonly message: string
}

export interface SaveOptions {
  /** Under which the changes can be taken back together, later too; undefined for single ones. */
  readonly step: string | undefined
  /** @throws FlocapError `missing_image` for a picture that the folder does not have. */
  readonly placeOf: (name: string) => Place
  readonly decisions: Pick<Decisions, 'add'>
  readonly undo: Pick<UndoFile, 'record'>
}

export interface SavedPlaces {
  /** What holds the wanted caption now, whether or not it had to be written. */
  readonly saved: readonly Place[]
  readonly conflicts: readonly Conflict[]
  readonly failed: readonly FailedSave[]
}

/** Files that are flushed at a time. */
const AT_ONCE = { concurrency: 8 }

interface Write {
  readonly kind: 'write'
  readonly change: Change
  readonly place: Place
  readonly found: CaptionText
  readonly wanted: string | undefined
}

type Step =
  | Write
  | { readonly kind: 'saved'; readonly place: Place }
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  | { readonly kind: 'failed'; readonly failure: FailedSave }

/**
 * Each change by itself: those that can be made are made.
 * @throws FlocapError `invalid_request` for two changes of one picture; `disk_full` or
 * `file_not_written` when nothing can be put on record, and then nothing was changed.
 */
export async function saveCaptions(
  changes: readonly Change[],
  { step, placeOf, decisions, undo }: SaveOptions,
): Promise<SavedPlaces> {
  assertDistinct(changes)
  const prepared = await pMap(changes, async (change) => prepare(change, placeOf), AT_ONCE)
  const writes = prepared.filter((each) => each.kind === 'write')
  if (writes.length > 0) {
    if (step !== undefined) await undo.record(step, writes.map(toUndo))
    await decisions.add(writes.map(toEdit))
  }
  const done = await pMap(
    prepared,
    async (each) => (each.kind === 'write' ? carryOut(each) : each),
    AT_ONCE,
  )
  return {
    saved: done.flatMap((each) => (each.kind === 'saved' ? [each.place] : [])),
    conflicts: done.flatMap((each) => (each.kind === 'conflict' ? [each.conflict] : [])),
    failed: done.flatMap((each) => (each.kind === 'failed' ? [each.failure] : [])),
  }
}

function assertDistinct(changes: readonly Change[]): void {
  const names = new Set<string>()
  for (const { name } of changes) {
    if (names.has(name)) {
      throw new FlocapError('invalid_request', 'Expected one change for each picture, got two.', {
        subject: name,
      })
    }
    names.add(name)
  }
}

async function prepare(change: Change, placeOf: SaveOptions['placeOf']): Promise<Step> {
  const { name, before, after } = change
  try {
    const place = placeOf(name)
    if (place.clash !== undefined) throw new FlocapError('file_not_written', place.clash)
    const found = await readCaption(place.path)
    if (found.readOnly !== undefined) {
      throw new FlocapError('file_not_written', `${place.file} is left alone: ${found.readOnly}.`)
    }
    const wanted = tidyCaption(after, before)
    if (found.text === wanted) return { kind: 'saved', place }
    const theirs = found.text ?? null
    if (theirs !== before) return { kind: 'conflict', conflict: { name, theirs } }
    return { kind: 'write', change, place, found, wanted }
  } catch (error) {
    return toFailed(name, error)
  }
}

function toUndo({ change: { name, before }, wanted }: Write): Change {
  return { name, before, after: wanted ?? null }
}

function toEdit({ change: { name }, place: { file }, found, wanted }: Write) {
  return { type: 'edit' as const, name, file, before: found.digest, after: captionDigest(wanted) }
}

async function carryOut({ change: { name }, place, found, wanted }: Write): Promise<Step> {
  try {
    const now = await readCaption(place.path)
    if (now.digest !== found.digest) {
      return { kind: 'conflict', conflict: { name, theirs: now.text ?? null } }
    }
    await writeCaption(place.path, wanted)
    return { kind: 'saved', place }
  } catch (error) {
    return toFailed(name, error)
  }
}

function toFailed(name: string, error: unknown): Step {
  return { kind: 'failed', failure: { name, message: toFlocapError(error).message } }
}
