// Decoding by libvips (through sharp) to the bytes that Pillow's `convert("RGB")` gives.
//
// Only decoding: no profile is applied, no colour managed, nothing resized. Checked against Pillow
// byte by byte (test/fixtures/pictures): equal for JPEG, PNG, WebP and the TIFF forms let through
// here. Not equal: AVIF, one level apart without chroma subsampling and more with it (libheif repeats
// a chroma sample where Pillow's libavif interpolates), and always turned as its container says;
// TIFF with colours multiplied with alpha, one level apart.
import type { Sharp, SharpOptions } from 'sharp'
import { cmykToRgb } from './cmyk.ts'
import { isLimitedGrey, stretchRange } from './heif/grey-range.ts'
import { assertWithinLimits } from './limits.ts'
import type { PictureLimits } from './limits.ts'
import { assertMemory } from './memory.ts'
import { readOrientation } from './metadata/orientation.ts'
import type { Orientation } from '../orientation.ts'
import { whenThereIsRoom } from './one-large-picture.ts'
import { damagedPicture, tooCostlyPicture } from './picture-errors.ts'
import type { DecodedPicture } from '../picture.ts'
import { sharp } from '../sharp.ts'
import { separateAlpha } from './separate-alpha.ts'
import type { PictureFormat } from './sniff.ts'
import { readTiffForm, withSoundOrientation } from './tiff-form.ts'
import type { TiffForm } from './tiff-form.ts'

export type LibvipsFormat = Extract<PictureFormat, 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif'>

/** A picture within the limits takes a second at worst; a forged one must not hold a thread. */
const DECODE_SECONDS = 30
/** Channels of the widest TIFF that Pillow opens: RGB, alpha and two unused. */
const MAX_CHANNELS = 6

const LOADER_NAMES: Readonly<Record<LibvipsFormat, string>> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  tiff: 'tiff',
  avif: 'heif',
}

export function isLibvipsFormat(format: PictureFormat): format is LibvipsFormat {
  return format in LOADER_NAMES
}

/** How to ask libvips for the samples, and what Pillow would then make of them. */
interface Plan {
  readonly pipeline: (input: Sharp) => Sharp
  readonly depth: 'uchar' | 'ushort'
  /** Without alpha. */
  readonly channels: number
  readonly toRgb: (colours: Uint8Array | Uint16Array) => Uint8Array
}

const asRgb: Plan = {
  pipeline: (input) => input,
  depth: 'uchar',
  channels: 3,
  toRgb: toBytes,
}

const asStretchedGrey: Plan = {
  ...asRgb,
  toRgb: (colours) => stretchRange(toBytes(colours)),
}

const asCmyk: Plan = {
  pipeline: (input) => input.pipelineColourspace('cmyk').toColourspace('cmyk'),
  depth: 'uchar',
  channels: 4,
  toRgb: (colours) => cmykToRgb(toBytes(colours)),
}

/** Pillow's mode I;16: everything above 255 is white. */
const asClippedGrey: Plan = {
  pipeline: (input) => input.toColourspace('grey16'),
  depth: 'ushort',
  channels: 1,
  toRgb: (colours) => greyToRgb(colours, (value) => Math.min(value, 255)),
}

/** Pillow's raw mode LA;16B: the high byte. */
const asHighByteGrey: Plan = {
  ...asClippedGrey,
  toRgb: (colours) => greyToRgb(colours, (value) => value >> 8),
}

/**
 * Decodes the first frame as it is stored, and tells how to turn it.
 *
 * @param keepAlpha whether the alpha of the picture is wanted
 * @throws FlocapError `invalid_image`, `image_too_large`, `unsupported_image_format`; MemoryFailure.
 */
export async function decodeWithLibvips(
  file: Uint8Array,
  format: LibvipsFormat,
  limits: PictureLimits,
  keepAlpha: boolean,
): Promise<{ picture: DecodedPicture; orientation: Orientation }> {
  const bytes = withoutStumblingBlock(file, format)
  // Before libvips sees the file: its own words for an odd TIFF are of no help.
  const tiff = format === 'tiff' ? readTiffForm(bytes) : undefined
  const { pixels, space, orientation } = await readHeader(bytes, format, limits)
  const plan = choosePlan(bytes, format, space, tiff)
  const showsAlpha = keepAlpha && plan !== asCmyk && tiff?.hasAlpha !== false
  const picture = await whenThereIsRoom(pixels, async () => {
    const { data, width, height } = await readSamples(bytes, format, plan, showsAlpha, limits)
    const samples = plan.depth === 'ushort' ? toShorts(data) : toBytes(data)
    const { colours, alpha } = separateAlpha(samples, width * height, plan.channels)
    return { width, height, data: plan.toRgb(colours), format, alpha }
  })
  return { picture, orientation }
}

/** [height, width, channels] as the plan says, alpha behind them where it is wanted and there. */
async function readSamples(
  bytes: Uint8Array,
  format: LibvipsFormat,
  { pipeline, depth }: Plan,
  showsAlpha: boolean,
  { maxPixels }: PictureLimits,
): Promise<{ data: Uint8Array; width: number; height: number }> {
  const settings: SharpOptions = {
    // As strict as Pillow: a file cut short is refused, an odd marker is not.
    failOn: 'error',
    ignoreIcc: true,
    limitInputPixels: maxPixels,
    limitInputChannels: MAX_CHANNELS,
  }
  const input = showsAlpha ? sharp(bytes, settings) : sharp(bytes, settings).removeAlpha()
  const { data, info } = await pipeline(input)
    .timeout({ seconds: DECODE_SECONDS })
    .raw({ depth })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      assertMemory(error)
      if (isTimeout(error)) throw tooCostlyPicture(format, `more than ${DECODE_SECONDS} s`, error)
      throw damagedPicture(format, 'its pixel data are damaged or end too early', error)
    })
  return { data, width: info.width, height: info.height }
}

interface Header {
  readonly pixels: number
  readonly space: string
  readonly orientation: Orientation
}

async function readHeader(
  bytes: Uint8Array,
  format: LibvipsFormat,
  limits: PictureLimits,
): Promise<Header> {
  // No limits and no strictness here: the size comes first, and decoding judges the rest.
  const lenient = { failOn: 'none', limitInputPixels: false, limitInputChannels: false } as const
  const metadata = await sharp(bytes, lenient)
    .metadata()
    .catch((error: unknown) => {
      assertMemory(error)
      throw damagedPicture(format, 'its header is damaged', error)
    })
  if (metadata.format !== LOADER_NAMES[format]) {
    throw damagedPicture(format, 'its header is damaged')
  }
  const { width, height, space } = metadata
  assertWithinLimits(format, width, height, limits)
  return { pixels: width * height, space, orientation: readOrientation(bytes, format, metadata) }
}

/** sharp has no code for it: libvips says "timeout: 46% complete". */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('timeout:')
}

/** The same picture in a file that libvips opens. */
function withoutStumblingBlock(file: Uint8Array, format: LibvipsFormat): Uint8Array {
  if (format === 'avif') return asStillAvif(file)
  return format === 'tiff' ? withSoundOrientation(file) : file
}

/**
 * sharp does not take a file whose main brand is that of an AVIF animation, though such a file has a
 * still picture, its first frame, as well, nor one that has only a general brand. Named as the still
 * AVIF picture that it also is, it opens.
 */
function asStillAvif(bytes: Uint8Array): Uint8Array {
  if (Buffer.from(bytes.subarray(8, 12)).toString('latin1') === 'avif') return bytes
  const still = Buffer.from(bytes)
  still.write('avif', 8, 'latin1')
  return still
}

function choosePlan(
  bytes: Uint8Array,
  format: LibvipsFormat,
  space: string,
  tiff: TiffForm | undefined,
): Plan {
  if (tiff?.isDeepGrey) return asClippedGrey
  if (format === 'avif' && isLimitedGrey(bytes)) return asStretchedGrey
  // The first chunk of a PNG is IHDR: bit depth at byte 24, colour type at 25.
  if (format === 'png' && bytes[24] === 16) {
    if (bytes[25] === 0) return asClippedGrey
    if (bytes[25] === 4) return asHighByteGrey
  }
  return space === 'cmyk' ? asCmyk : asRgb
}

/** The bytes of Node's Buffer, without its methods. */
function toBytes({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function toShorts({ buffer, byteOffset, byteLength }: Uint8Array): Uint16Array {
  return new Uint16Array(buffer, byteOffset, byteLength / 2)
}

function greyToRgb(
  values: Uint8Array | Uint16Array,
  toByte: (value: number) => number,
): Uint8Array {
  const rgb = new Uint8Array(values.length * 3)
  for (let i = 0; i < values.length; i += 1) rgb.fill(toByte(values[i] ?? 0), i * 3, i * 3 + 3)
  return rgb
}
