// Regions of a picture, and Florence-2's way of saying them: four tokens `<loc_0>` ... `<loc_999>`.
//
// A side of the picture is divided into 1000 bins. The arithmetic is float32, as in the reference:
// double arithmetic gives other coordinates for one published value in five.
import { FlocapError } from '../base/errors.ts'
import type { PictureSize, Prompt, PromptPart, ResolvedPrompt } from './ports.ts'

/** A rectangle on the picture: pixels of the upright picture, fractions of its sides, or bins. */
export interface Region {
  /** Fractions are 0 to 1; bins are Florence-2's own, 0 to 999. */
  readonly unit: 'pixel' | 'fraction' | 'bin'
  /** Upper left corner first; x to the right, y down. */
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number]
}

export const LOCATION_BINS = 1000

const LAST_BIN = LOCATION_BINS - 1

/** The bin of a coordinate: floor(value / (size / 1000)), clamped. `size` is the side in the same unit. */
export function toBin(value: number, size: number): number {
  const bin = Math.floor(Math.fround(Math.fround(value) / Math.fround(size / LOCATION_BINS)))
  return Math.min(Math.max(bin, 0), LAST_BIN)
}

/** As `toBin`, but 0.57 is bin 570 although 0.57 * 1000 falls just short of it in binary. */
function fractionToBin(fraction: number): number {
  const bin = Math.floor(fraction * LOCATION_BINS + 1e-9)
  return Math.min(Math.max(bin, 0), LAST_BIN)
}

/** The coordinate at the middle of a bin, in the unit of `size`; a float32 value. */
export function fromBin(bin: number, size: number): number {
  return Math.fround(Math.fround(bin + 0.5) * Math.fround(size / LOCATION_BINS))
}

/**
 * A region written as text: four location tokens, or four numbers that are pixels, in the form in
 * which FloCap's own answers give boxes (`34, 160, 597, 372`). Undefined when it is neither.
 */
export function parseRegionText(text: string): Region | undefined {
  const trimmed = text.trim()
  if (trimmed.length > MAX_REGION_TEXT) return undefined
  const bins = FOUR_LOCATIONS.exec(trimmed)
  if (bins !== null) return { unit: 'bin', box: toBox(bins) }
  const pixels = FOUR_NUMBERS.exec(trimmed)
  return pixels === null ? undefined : { unit: 'pixel', box: toBox(pixels) }
}

/** Far more than four tokens or numbers need; keeps the patterns below from reading a whole book. */
const MAX_REGION_TEXT = 200

const FOUR_LOCATIONS = /^<loc_(\d{1,3})>\s*<loc_(\d{1,3})>\s*<loc_(\d{1,3})>\s*<loc_(\d{1,3})>$/

const FOUR_NUMBERS =
  /^[[(]?\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*[\])]?$/

function toBox(match: RegExpExecArray): Region['box'] {
  return [Number(match[1]), Number(match[2]), Number(match[3]), Number(match[4])]
}

/**
 * The prompt parts of a region. Bins and fractions become location tokens at once; pixels stay a
 * `region` part, because the size of the picture is known only where it is decoded.
 * @throws FlocapError `invalid_task_input` when the box is not a rectangle in its unit.
 */
export function toRegionParts(region: Region): readonly PromptPart[] {
  assertRegion(region)
  switch (region.unit) {
    case 'bin':
      return region.box.map(toLocationPart)
    case 'fraction':
      return region.box.map((value) => toLocationPart(fractionToBin(value)))
    case 'pixel':
      return [{ kind: 'region', box: region.box }]
  }
}

/**
 * The prompt with every `region` part replaced by its four location tokens.
 * @throws FlocapError `invalid_task_input` when a region lies outside the picture. One that only
 * reaches beyond an edge is clamped, as in the reference.
 */
export function resolveRegions(prompt: Prompt, picture: PictureSize): ResolvedPrompt {
  return prompt.flatMap((part) => {
    if (part.kind !== 'region') return [part]
    const [x1, y1, x2, y2] = part.box
    if (x1 >= picture.width || y1 >= picture.height) {
      throw invalidRegion(
        `Expected a region on the picture of ${picture.width} x ${picture.height} pixels, ` +
          `got one that begins at ${x1}, ${y1}.`,
      )
    }
    return [
      toLocationPart(toBin(x1, picture.width)),
      toLocationPart(toBin(y1, picture.height)),
      toLocationPart(toBin(x2, picture.width)),
      toLocationPart(toBin(y2, picture.height)),
    ]
  })
}

function toLocationPart(bin: number): { readonly kind: 'token'; readonly token: string } {
  return { kind: 'token', token: `<loc_${bin}>` }
}

function assertRegion({ unit, box }: Region): void {
  const [x1, y1, x2, y2] = box
  const shown = `[${box.join(', ')}]`
  if (box.length !== 4 || !box.every(Number.isFinite)) {
    throw invalidRegion(`Expected a region of four numbers, got ${shown}.`)
  }
  if (unit === 'bin' && !box.every((bin) => Number.isInteger(bin) && bin >= 0 && bin <= LAST_BIN)) {
    throw invalidRegion(`Expected bins from 0 to ${LAST_BIN} as the region, got ${shown}.`)
  }
  if (unit === 'fraction' && !box.every((value) => value >= 0 && value <= 1)) {
    throw invalidRegion(`Expected fractions from 0 to 1 as the region, got ${shown}.`)
  }
  if (unit === 'pixel' && !box.every((value) => value >= 0)) {
    throw invalidRegion(`Expected pixels from 0 upwards as the region, got ${shown}.`)
  }
  // A region of one bin has equal bins, so only here may the corners coincide.
  const ordered = unit === 'bin' ? x1 <= x2 && y1 <= y2 : x1 < x2 && y1 < y2
  if (!ordered) {
    throw invalidRegion(
      `Expected the region as its upper left and lower right corner, got ${shown}.`,
    )
  }
}

function invalidRegion(message: string): FlocapError {
  return new FlocapError('invalid_task_input', message, {
    hint: 'A region is four numbers: x1, y1, x2, y2, with x to the right and y down.',
    subject: 'region',
  })
}
