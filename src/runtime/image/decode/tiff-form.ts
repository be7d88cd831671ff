// What is inside a TIFF, from the tags of its first directory, and whether we can decode it to the
// same pixels as Pillow.
//
// TIFF is a family of forms more than a format. libvips and Pillow agree on the common ones; where
// they are known to differ (LAB, uncompressed YCbCr, inverted 16-bit grey ...) the file is refused
// with the reason, since a wrong picture would be captioned without anyone noticing.
import { ByteReader } from './byte-reader.ts'
import { damagedPicture, unsupportedForm, unsupportedPicture } from './picture-errors.ts'

/** A directory has a few dozen tags; this bounds the work on a forged count. */
const MAX_TAGS = 512
/** Of the values of one tag. Those read here have one a channel. */
const MAX_VALUES = 16

const TAG = {
  newSubfileType: 254,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  orientation: 274,
  planarConfiguration: 284,
  tileWidth: 322,
  subIfds: 330,
  extraSamples: 338,
  sampleFormat: 339,
  dngVersion: 50706,
} as const

/** The first letter of "II". */
const LITTLE_ENDIAN = 0x49
/** Others that a reader may meet, by their names. */
const COMPRESSION_NAMES: Readonly<Record<number, string>> = {
  6: 'old-style JPEG',
  9: 'JBIG',
  10: 'JBIG',
  32766: 'NeXT run lengths',
  32809: 'ThunderScan',
  32908: 'Pixar film',
  32909: 'Pixar log',
  34676: 'SGI log',
  34677: 'SGI log',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  50002: 'JPEG XL',
}

const COLOUR_SPACE_NAMES: Readonly<Record<number, string>> = {
  0: 'grey',
  1: 'grey',
  2: 'RGB',
  3: 'palette',
  4: 'transparency mask',
  5: 'CMYK',
  6: 'YCbCr',
  8: 'CIELab',
  9: 'ICCLab',
  10: 'ITULab',
  32844: 'LogL',
  32845: 'LogLuv',
}

/** Colours of a sensor's filter, and DNG's linear ones. */
const SENSOR_COLOURS = [32803, 34892]
/** Of Sony, Nikon and Pentax. */
const RAW_COMPRESSIONS = [32767, 34713, 65535]
const REDUCED_PICTURE = 1
const SEPARATE_PLANES = 2

const BYTE = 1
const SHORT = 3
const LONG = 4
/** Directories behind directories. */
const IFD = 13

const BYTES_OF_TYPE: Readonly<Record<number, number>> = {
  [BYTE]: 1,
  [SHORT]: 2,
  [LONG]: 4,
  [IFD]: 4,
}

/** Those that libvips is built with. */
const COMPRESSIONS: Readonly<Record<number, 'any' | 'ycbcr'>> = {
  1: 'any',
  2: 'any', // CCITT RLE
  3: 'any', // CCITT group 3
  4: 'any', // CCITT group 4
  5: 'any', // LZW
  7: 'ycbcr', // JPEG: the only one whose YCbCr both libraries decode alike
  8: 'any', // deflate
  32773: 'any', // PackBits
  32946: 'any', // deflate, as first written
}

const GREY = [0, 1]
const RGB = 2
const PALETTE = 3
const CMYK = 5
const YCBCR = 6
const UNSIGNED = 1
const SIGNED = 2
const FLOAT = 3
const ASSOCIATED_ALPHA = 1
const UNASSOCIATED_ALPHA = 2

export interface TiffForm {
  /** 16-bit grey, which Pillow clips to 8 bits (of 16-bit colour it keeps the high byte). */
  readonly isDeepGrey: boolean
  /** Its channel beyond the colours is alpha, and not one that means nothing. */
  readonly hasAlpha: boolean
}

/** @throws FlocapError `unsupported_image_format`, or `invalid_image` when the tags cannot be read */
export function readTiffForm(bytes: Uint8Array): TiffForm {
  const tags = readTags(bytes)
  const one = (tag: number, otherwise: number): number => tags.get(tag)?.[0] ?? otherwise
  const compression = one(TAG.compression, 1)
  const photometric = one(TAG.photometric, 0)
  const format = one(TAG.sampleFormat, UNSIGNED)
  const bits = tags.get(TAG.bitsPerSample) ?? [1]
  const extra = tags.get(TAG.extraSamples) ?? []
  const depth = bits[0] ?? 1
  const known = COMPRESSIONS[compression]
  const isThumbnail = (one(TAG.newSubfileType, 0) & REDUCED_PICTURE) !== 0 && tags.has(TAG.subIfds)
  if (
    isThumbnail ||
    tags.has(TAG.dngVersion) ||
    SENSOR_COLOURS.includes(photometric) ||
    RAW_COMPRESSIONS.includes(compression)
  ) {
    throw unsupportedPicture('raw_tiff', bytes)
  }
  if (!known) {
    const name = COMPRESSION_NAMES[compression] ?? `method ${compression}`
    throw unsupportedForm('tiff', `pixels compressed by ${name}`)
  }
  if (one(TAG.planarConfiguration, 1) === SEPARATE_PLANES && tags.has(TAG.tileWidth)) {
    throw unsupportedForm('tiff', 'its channels in separate planes of tiles')
  }
  if (bits.some((other) => other !== depth)) {
    throw unsupportedForm('tiff', `channels of unequal depth (${bits.join(', ')} bits)`)
  }

  const depths = allowedDepths(photometric, format, known === 'ycbcr')
  if (!depths.includes(depth)) {
    const kind = { [UNSIGNED]: 'unsigned', [SIGNED]: 'signed', [FLOAT]: 'float' }[format] ?? 'other'
    throw unsupportedForm(
      'tiff',
      `${depth}-bit ${kind} samples in the colour space ${COLOUR_SPACE_NAMES[photometric] ?? photometric}`,
    )
  }
  const isGrey = GREY.includes(photometric)
  if (isGrey && extra.includes(ASSOCIATED_ALPHA)) {
    throw unsupportedForm('tiff', 'grey multiplied with its alpha channel')
  }
  return {
    isDeepGrey: isGrey && depth === 16,
    hasAlpha: [ASSOCIATED_ALPHA, UNASSOCIATED_ALPHA].includes(extra[0] ?? 0),
  }
}

function allowedDepths(photometric: number, format: number, jpeg: boolean): readonly number[] {
  switch (photometric) {
    case 0:
      return format === UNSIGNED ? [1, 2, 4, 8] : format === FLOAT ? [32] : []
    case 1:
      return format === UNSIGNED ? [1, 2, 4, 8, 16, 32] : format === SIGNED ? [16, 32] : [32]
    case RGB:
      return format === UNSIGNED ? [8, 16] : []
    case PALETTE:
      return format === UNSIGNED ? [1, 2, 4, 8] : []
    case CMYK:
      return format === UNSIGNED ? [8] : []
    case YCBCR:
      return jpeg ? [8] : []
    default:
      return []
  }
}

/** Tag number to values, for those tags of the first directory that are read here. */
function readTags(bytes: Uint8Array): Map<number, number[]> {
  const tags = new Map<number, number[]>()
  for (const { tag, values } of readEntries(bytes)) tags.set(tag, values)
  return tags
}

/**
 * libtiff gives up on an orientation that means nothing, which Pillow passes over: the same file with
 * that of an upright picture instead.
 */
export function withSoundOrientation(bytes: Uint8Array): Uint8Array {
  for (const { tag, values, at, size } of readEntries(bytes)) {
    const [value = 1] = values
    if (tag !== TAG.orientation || (value >= 1 && value <= 8)) continue
    const sound = Uint8Array.from(bytes)
    sound.fill(0, at, at + size)
    sound[bytes[0] === LITTLE_ENDIAN ? at : at + size - 1] = 1
    return sound
  }
  return bytes
}

interface Entry {
  readonly tag: number
  readonly values: number[]
  /** Where the first value stands in the file. */
  readonly at: number
  /** Its bytes, 1, 2 or 4. */
  readonly size: number
}

function* readEntries(bytes: Uint8Array): Generator<Entry> {
  const reader = new ByteReader(bytes, 'tiff', bytes[0] === LITTLE_ENDIAN)
  reader.at = 2
  const big = reader.u16() === 43
  if (big) reader.at = 8
  const offset = big ? (): number => reader.u64() : (): number => reader.u32()
  reader.at = offset()
  const count = big ? reader.u64() : reader.u16()
  if (count > MAX_TAGS) throw damagedPicture('tiff', `its first directory announces ${count} tags`)
  for (let i = 0; i < count; i += 1) {
    const tag = reader.u16()
    const type = reader.u16()
    const length = offset()
    const inline = reader.at
    const next = inline + (big ? 8 : 4)
    const size = BYTES_OF_TYPE[type] ?? 0
    if (size > 0 && Object.values<number>(TAG).includes(tag)) {
      // Of the pictures behind the first one it only matters that there are some.
      const wanted = tag === TAG.subIfds ? Math.min(length, MAX_VALUES) : length
      if (wanted > MAX_VALUES) throw damagedPicture('tiff', `tag ${tag} has ${length} values`)
      if (size * length > next - inline) reader.at = offset()
      const { at } = reader
      const values = Array.from({ length: wanted }, () =>
        size === 1 ? reader.u8() : size === 2 ? reader.u16() : reader.u32(),
      )
      yield { tag, values, at, size }
    }
    reader.at = next
  }
}
