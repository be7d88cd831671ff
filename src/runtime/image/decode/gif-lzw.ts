// LZW as GIF uses it: codes of growing width, least significant bit first, a code that empties the
// table and one that ends the data.
import { damagedPicture } from './picture-errors.ts'

const MAX_CODE_BITS = 12
const TABLE_SIZE = 1 << MAX_CODE_BITS
const NO_CODE = -1

/**
 * Fills `pixels` with palette indices and stops when it is full.
 *
 * @param data the joined data blocks of one frame
 * @param minimumCodeSize bits of a palette index, 1 to 8
 * @throws FlocapError `invalid_image` when the data end before that or contain an impossible code
 */
export function decodeLzw(data: Uint8Array, minimumCodeSize: number, pixels: Uint8Array): void {
  const clear = 1 << minimumCodeSize
  const end = clear + 1
  // A string is its last index and the string before it.
  const prefix = new Uint16Array(TABLE_SIZE)
  const suffix = new Uint8Array(TABLE_SIZE)
  const reversed = new Uint8Array(TABLE_SIZE + 1)
  for (let index = 0; index < clear; index += 1) suffix[index] = index

  let next = end + 1
  let codeBits = minimumCodeSize + 1
  let previous = NO_CODE
  let first = 0
  let bits = 0
  let bitCount = 0
  let at = 0
  let to = 0
  while (to < pixels.length) {
    while (bitCount < codeBits) {
      if (at >= data.length) throw damagedPicture('gif', 'its pixel data end too early')
      bits |= (data[at] ?? 0) << bitCount
      bitCount += 8
      at += 1
    }
    let code = bits & ((1 << codeBits) - 1)
    bits >>>= codeBits
    bitCount -= codeBits

    if (code === clear) {
      next = end + 1
      codeBits = minimumCodeSize + 1
      previous = NO_CODE
      continue
    }
    if (code === end) throw damagedPicture('gif', 'its pixel data end too early')
    if (previous === NO_CODE ? code > clear : code > next) {
      throw damagedPicture('gif', 'its pixel data refer to a string that is not there')
    }

    const current = code
    let length = 0
    if (code === next && previous !== NO_CODE) {
      // The string being defined by this very step: the previous one and its own first index.
      reversed[length++] = first
      code = previous
    }
    while (code > end) {
      if (length >= TABLE_SIZE) throw damagedPicture('gif', 'its pixel data run in a circle')
      reversed[length++] = suffix[code] ?? 0
      code = prefix[code] ?? 0
    }
    first = suffix[code] ?? 0
    reversed[length++] = first
    while (length > 0 && to < pixels.length) pixels[to++] = reversed[--length] ?? 0

    if (previous !== NO_CODE && next < TABLE_SIZE) {
      prefix[next] = previous
      suffix[next] = first
      next += 1
      if (next === 1 << codeBits && codeBits < MAX_CODE_BITS) codeBits += 1
    }
    previous = current
  }
}
