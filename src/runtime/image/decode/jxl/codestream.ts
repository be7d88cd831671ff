// The header of a JPEG XL picture (ISO/IEC 18181-1): its size and what else must be known before its
// decoder sees the file. Fields are read from the lowest bit of each byte up.
import { readBoxes } from '../iso-media.ts'
import { damagedPicture } from '../picture-errors.ts'

export interface JxlHeader {
  /** Pixels, as stored: before the orientation. */
  readonly width: number
  readonly height: number
  /** Whether there is a channel of black ink: CMYK. */
  readonly hasBlack: boolean
}

/** An extra channel's type in the header. */
const ALPHA = 0
const SPOT_COLOUR = 2
const BLACK = 4
const COLOUR_FILTER = 5
/** Widths over heights that have a short form. */
const RATIOS = [
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
] as const

/** Bits of a number whose length comes first, and what is added to it. */
type Choice = readonly [bits: number, offset: number]
const SIDE: readonly Choice[] = [
  [9, 1],
  [13, 1],
  [18, 1],
  [30, 1],
]
const ENUM: readonly Choice[] = [
  [0, 0],
  [0, 1],
  [4, 2],
  [6, 18],
]

class BitReader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at * 8
  }

  bits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i += 1, this.#at += 1) {
      const byte = this.#bytes[this.#at >> 3]
      if (byte === undefined) throw damagedPicture('jxl', 'it ends too early')
      value += ((byte >> (this.#at & 7)) & 1) * 2 ** i
    }
    return value
  }

  flag(): boolean {
    return this.bits(1) === 1
  }

  number(choices: readonly Choice[]): number {
    const [bits = 0, offset = 0] = choices[this.bits(2)] ?? []
    return this.bits(bits) + offset
  }
}

/**
 * Reads the header of a bare codestream, or of one in boxes.
 *
 * @throws FlocapError `invalid_image`
 */
export function readJxlHeader(bytes: Uint8Array): JxlHeader {
  const reader = new BitReader(bytes, findCodestream(bytes) + 2)
  const size = readSize(reader)
  const isDefault = reader.flag()
  return { ...size, hasBlack: !isDefault && readHasBlack(reader) }
}

/** Where the codestream's two bytes of signature stand. */
function findCodestream(bytes: Uint8Array): number {
  if (bytes[0] === 0xff) return 0
  for (const { type, start } of readBoxes(bytes, 'jxl')) {
    if (type === 'jxlc') return start
    // The first part, after its number.
    if (type === 'jxlp') return start + 4
  }
  throw damagedPicture('jxl', 'there is no picture in its boxes')
}

function readSize(reader: BitReader): { width: number; height: number } {
  const isSmall = reader.flag()
  const side = (): number => (isSmall ? 8 * (reader.bits(5) + 1) : reader.number(SIDE))
  const height = side()
  const ratio = reader.bits(3)
  const [across, down] = RATIOS[ratio - 1] ?? [0, 1]
  return { height, width: ratio === 0 ? side() : Math.floor((height * across) / down) }
}

function readHasBlack(reader: BitReader): boolean {
  if (reader.flag()) {
    reader.bits(3) // the orientation
    if (reader.flag()) readSize(reader) // the size to show it at
    if (reader.flag()) skipPreview(reader)
    if (reader.flag()) skipAnimation(reader)
  }
  skipBitDepth(reader)
  reader.flag() // whether buffers of 16 bits suffice
  const channels = reader.number([
    [0, 0],
    [0, 1],
    [4, 2],
    [12, 1],
  ])
  for (let i = 0; i < channels; i += 1) if (readChannelType(reader) === BLACK) return true
  return false
}

function skipPreview(reader: BitReader): void {
  const isShort = reader.flag()
  const choices: readonly Choice[] = isShort
    ? [
        [0, 16],
        [0, 32],
        [5, 1],
        [9, 33],
      ]
    : [
        [6, 1],
        [8, 65],
        [10, 321],
        [12, 1345],
      ]
  reader.number(choices)
  if (reader.bits(3) === 0) reader.number(choices)
}

function skipAnimation(reader: BitReader): void {
  reader.number([
    [0, 100],
    [0, 1000],
    [10, 1],
    [30, 1],
  ])
  reader.number([
    [0, 1],
    [0, 1001],
    [8, 1],
    [10, 1],
  ])
  reader.number([
    [0, 0],
    [3, 0],
    [16, 0],
    [32, 0],
  ])
  reader.flag()
}

function skipBitDepth(reader: BitReader): void {
  const isFloat = reader.flag()
  reader.number([
    [0, isFloat ? 32 : 8],
    [0, isFloat ? 16 : 10],
    [0, isFloat ? 24 : 12],
    [6, 1],
  ])
  if (isFloat) reader.bits(4)
}

function readChannelType(reader: BitReader): number {
  if (reader.flag()) return ALPHA
  const type = reader.number(ENUM)
  skipBitDepth(reader)
  reader.number([
    [0, 0],
    [0, 3],
    [0, 4],
    [3, 1],
  ])
  const nameBytes = reader.number([
    [0, 0],
    [4, 0],
    [5, 16],
    [10, 48],
  ])
  reader.bits(8 * nameBytes)
  if (type === ALPHA) reader.flag()
  if (type === SPOT_COLOUR) reader.bits(4 * 16)
  if (type === COLOUR_FILTER) {
    reader.number([
      [0, 1],
      [2, 0],
      [4, 3],
      [8, 19],
    ])
  }
  return type
}
