// The boxes of an ISO base media file (ISO/IEC 14496-12): HEIC pictures and boxed JPEG XL are made of
// them. Ours because a picture's size must be known before its decoder sees the file.
import { damagedPicture } from './picture-errors.ts'
import type { PictureFormat } from './sniff.ts'

export interface Box {
  /** Four characters. */
  readonly type: string
  /** Where its content begins and ends in the file. */
  readonly start: number
  readonly end: number
}

/** Lists of boxes in real files have a few dozen; a file can hold millions of empty ones. */
const MAX_BOXES = 20_000
const HEADER_BYTES = 8

/**
 * The boxes between two places of a file, one after the other; not those inside them.
 *
 * @throws FlocapError `invalid_image` for a box that is longer than what holds it, or too many of them
 */
export function* readBoxes(
  bytes: Uint8Array,
  format: PictureFormat,
  from = 0,
  to = bytes.length,
): Generator<Box> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = from
  for (let count = 0; at + HEADER_BYTES <= to; count += 1) {
    if (count === MAX_BOXES) throw damagedPicture(format, `it has more than ${MAX_BOXES} boxes`)
    const type = fourCharacters(bytes, at + 4)
    let start = at + HEADER_BYTES
    let size = view.getUint32(at)
    if (size === 1) {
      if (start + 8 > to) throw damagedPicture(format, 'it ends too early')
      size = Number(view.getBigUint64(start))
      start += 8
    } else if (size === 0) {
      size = to - at // the rest of the file
    }
    const end = at + size
    if (end < start) throw damagedPicture(format, `its box "${type}" has a size of ${size} bytes`)
    if (end > to) throw damagedPicture(format, 'it ends too early')
    yield { type: type, start, end }
    at = end
  }
}

export function fourCharacters(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 4)).toString('latin1')
}
