// Many pictures in one question: how many there may be, which of them are looked at, and what they are
// called in the answer.
//
// Cameras send frames by the dozen, and most neighbours show the same thing: it is described once.
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { digestPicture } from '../../caption/picture-digest.ts'

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
  const groups: Frame[][] = []
  for (const frame of frames) {
    const group = groups.at(-1)
    const before = group?.at(-1)
    const isSame =
      before !== undefined && digestPicture(before.bytes) === digestPicture(frame.bytes)
    if (isSame) group?.push(frame)
    else groups.push([frame])
  }
  return groups.map((group) => ({
    bytes: group[0]?.bytes ?? new Uint8Array(),
    labels: frames.length === 1 ? [] : labelsOf(group),
  }))
}

/** A client's own labels are kept, each by itself; numbers become a range. */
function labelsOf(group: readonly Frame[]): string[] {
  if (group.some(({ label }) => label !== undefined)) {
    return group.map(({ label, number }) => label ?? `Image ${number}`)
  }
  const [first, last] = [group[0]?.number ?? 0, group.at(-1)?.number ?? 0]
  return [first === last ? `Image ${first}` : `Images ${first}-${last}`]
}
