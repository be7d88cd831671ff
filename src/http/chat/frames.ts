// Many pictures in one question: how many there may be, which of them are looked at, and what they are
// called in the answer.
//
// Cameras send frames by the dozen, and most neighbours show the same thing: it is described once. Only
// the engine decodes pictures, so it is asked for looks, and files that are equal need none.
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { areAlike } from '../../caption/alike.ts'
import { digestPicture } from '../../caption/picture-digest.ts'
import type { Look } from '../surface.ts'

/** A field of FloCap's own in the requests of chats. */
export const Frames = z
  .enum(['sample'])
  .nullish()
  .describe('What to do with more pictures than the limit: describe some, evenly chosen.')
export type Frames = z.infer<typeof Frames>

export interface Frame {
  readonly bytes: Uint8Array
  /** Of the client; without one it is called by its number. */
  readonly label?: string | undefined
  /** Its place among all pictures of the question, from 1. */
  readonly number: number
}

export interface Picture {
  readonly bytes: Uint8Array
  /** One line of the answer for each; none when the question has one picture only. */
  readonly labels: readonly string[]
}

/**
 * All items with their numbers, or as many as `limit` allows, evenly chosen, the first and the last
 * among them.
 *
 * @throws FlocapError too_many_images unless they are to be sampled.
 */
export function chooseFrames<Item>(
  items: readonly Item[],
  limit: number,
  wish: Frames,
): readonly { readonly item: Item; readonly number: number }[] {
  const numbered = items.map((item, index) => ({ item, number: index + 1 }))
  if (items.length <= limit) return numbered
  if (wish !== 'sample') throw tooManyImages(items.length, limit)
  const step = limit === 1 ? 0 : (items.length - 1) / (limit - 1)
  const chosen = new Set(Array.from({ length: limit }, (_, rank) => Math.round(rank * step)))
  return numbered.filter((_, index) => chosen.has(index))
}

/** @throws FlocapError too_many_images. */
export function assertImageCount(count: number, limit: number): void {
  if (count > limit) throw tooManyImages(count, limit)
}

function tooManyImages(count: number, limit: number): FlocapError {
  return new FlocapError(
    'too_many_images',
    `Expected at most ${limit} images in one request, got ${count}.`,
    {
      hint:
        `Start FloCap with --max-images ${count}, send several requests, or in a chat ` +
        `"frames": "sample" to have ${limit} of them described, evenly chosen.`,
      subject: 'images',
    },
  )
}

/** The pictures to describe: neighbours that are the same file are one. */
export function joinEqual(frames: readonly Frame[]): readonly Picture[] {
  return groupBy(frames, isSameFile).map((group) => toPicture(group, frames.length))
}

/**
 * As `joinEqual`, and neighbours that look like the first of their group, which is the one that is
 * described.
 *
 * @throws FlocapError for a picture that cannot be looked at.
 */
export async function joinAlike(
  frames: readonly Frame[],
  look: Look,
  signal: AbortSignal,
): Promise<readonly Picture[]> {
  const equal = groupBy(frames, isSameFile)
  if (equal.length < 2) return joinEqual(frames)
  const looks = await look(
    equal.map(([{ bytes }]) => bytes),
    signal,
  )
  const looked = equal.map((group, index) => ({ group, look: looks[index] }))
  const alike = groupBy(
    looked,
    (one, other) =>
      one.look !== undefined && other.look !== undefined && areAlike(one.look, other.look),
  )
  return alike.map((groups) =>
    toPicture(
      groups.flatMap(({ group }) => group),
      frames.length,
    ),
  )
}

type Group<Item> = [first: Item, ...others: Item[]]

/** Neighbours that go with the first of their group. */
function groupBy<Item>(
  items: readonly Item[],
  goesWith: (first: Item, other: Item) => boolean,
): readonly Group<Item>[] {
  const groups: Group<Item>[] = []
  for (const item of items) {
    const group = groups.at(-1)
    if (group !== undefined && goesWith(group[0], item)) group.push(item)
    else groups.push([item])
  }
  return groups
}

function isSameFile(one: Frame, other: Frame): boolean {
  return digestPicture(one.bytes) === digestPicture(other.bytes)
}

function toPicture(group: readonly Frame[], count: number): Picture {
  return { bytes: group[0]?.bytes ?? new Uint8Array(), labels: count === 1 ? [] : labelsOf(group) }
}

/** A client's own labels are kept, each by itself; numbers in a row become a range. */
function labelsOf(group: readonly Frame[]): string[] {
  if (group.some(({ label }) => label !== undefined)) {
    return group.map(({ label, number }) => label ?? `Image ${number}`)
  }
  const numbers = group.map(({ number }) => number)
  const [first = 0, last = first] = [numbers[0], numbers.at(-1)]
  if (first === last) return [`Image ${first}`]
  // Of samples, those between were not looked at.
  const isWhole = last - first === numbers.length - 1
  return [isWhole ? `Images ${first}-${last}` : `Images ${numbers.join(', ')}`]
}
