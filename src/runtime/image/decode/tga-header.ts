// How to know a TGA, which has no signature: all fields of its header must make sense.

/** Kinds of pixels: the image type without the bit for run-length coding. */
export const PALETTE = 1
export const COLOURS = 2
const GREY = 3
export const RUN_LENGTH = 8

const HEADER_BYTES = 18
/** Bits a pixel by kind. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  [PALETTE]: [8],
  [COLOURS]: [16, 24, 32],
  [GREY]: [1, 8, 16],
}

/**
 * Whether a file may be a TGA: one in a million of any bytes is, and no text.
 *
 * @param start the file's first bytes
 */
export function looksLikeTga(start: Uint8Array): boolean {
  if (start.length < HEADER_BYTES) return false
  const [, mapType = 0, type = 0] = start
  const [width, height] = [12, 14].map((at) => (start[at] ?? 0) | ((start[at + 1] ?? 0) << 8))
  const kind = type & ~RUN_LENGTH
  if (mapType > 1 || !DEPTHS[kind]?.includes(start[16] ?? 0) || !width || !height) return false
  if (mapType === 1) return [15, 16, 24, 32].includes(start[7] ?? 0)
  return kind !== PALETTE
}
