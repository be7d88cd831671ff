// Decoding by libvips (through sharp) to the bytes that Pillow's `convert("RGB")` gives.
//
// Only decoding: no profile is applied, no colour managed, nothing resized. Checked against Pillow
// byte by byte (test/fixtures/pictures): equal for JPEG, PNG, WebP and the TIFF forms let through
// here. Not equal: AVIF, one level apart without chroma subsampling and more with it (libheif repeats
// a chroma sample where Pillow's libavif interpolates), and always turned as its container says;
// TIFF with colours multiplied with alpha, one level apart. An orientation that stands only in XMP
// and not in EXIF is not applied.
import type { Sharp, SharpOptions } from 'sharp'
import { cmykToRgb } from './cmyk.ts'
import { assertWithinLimits } from './limits.ts'
import type { PictureLimits } from './limits.ts'
import { assertMemory } from './memory.ts'
import { toOrientation } from '../orientation.ts'
import type { Orientation } from '../orientation.ts'
import { damagedPicture } from './picture-errors.ts'
import type { Picture } from '../picture.ts'
import { sharp } from '../sharp.ts'
import type { PictureFormat } from './sniff.ts'
import { readTiffForm } from './tiff-form.ts'
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
  readonly toRgb: (samples: Uint8Array) => Uint8Array
}

const asRgb: Plan = {
  pipeline: (input) => input.removeAlpha(),
  depth: 'uchar',
  toRgb: (samples) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
}

const asCmyk: Plan = {
  pipeline: (input) => input.pipelineColourspace('cmyk').toColourspace('cmyk'),
  depth: 'uchar',
  toRgb: cmykToRgb,
}

/** Pillow's mode I;16: everything above 255 is white. */
const asClippedGrey: Plan = {
  pipeline: (input) => input.removeAlpha().toColourspace('grey16'),
  depth: 'ushort',
  toRgb: (samples) => greyToRgb(samples, (value) => Math.min(value, 255)),
}

/** Pillow's raw mode LA;16B: the high byte. */
const asHighByteGrey: Plan = {
  pipeline: (input) => input.removeAlpha().toColourspace('grey16'),
  depth: 'ushort',
  toRgb: (samples) => greyToRgb(samples, (value) => value >> 8),
}

/**
 * Decodes the first frame as it is stored, and tells how to turn it.
 *
 * @throws FlocapError `invalid_image`, `image_too_large`, `unsupported_image_format`; MemoryFailure.
 */
export async function decodeWithLibvips(
  file: Uint8Array,
  format: LibvipsFormat,
  limits: PictureLimits,
): Promise<{ picture: Picture; orientation: Orientation }> {
  const bytes = format === 'avif' ? asStillAvif(file) : file
  const settings: SharpOptions = {
    // As strict as Pillow: a file cut short is refused, an odd marker is not.
    failOn: 'error',
    ignoreIcc: true,
    limitInputPixels: limits.maxPixels,
    limitInputChannels: MAX_CHANNELS,
  }
  // Before libvips sees the file: its own words for an odd TIFF help nobody.
  const tiff = format === 'tiff' ? readTiffForm(bytes) : undefined
  const { space, orientation } = await readHeader(bytes, format, limits)
  const plan = choosePlan(bytes, format, space, tiff)
  const input = plan.pipeline(sharp(bytes, settings)).timeout({ seconds: DECODE_SECONDS })
  const { data, info } = await input
    .raw({ depth: plan.depth })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      assertMemory(error)
      throw damagedPicture(format, 'its pixel data are damaged or end too early', error)
    })
  const picture = { width: info.width, height: info.height, data: plan.toRgb(data), format }
  return { picture, orientation }
}

async function readHeader(
  bytes: Uint8Array,
  format: LibvipsFormat,
  limits: PictureLimits,
): Promise<{ space: string; orientation: Orientation }> {
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
  assertWithinLimits(format, metadata.width, metadata.height, limits)
  return { space: metadata.space, orientation: toOrientation(metadata.orientation) }
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
  // The first chunk of a PNG is IHDR: bit depth at byte 24, colour type at 25.
  if (format === 'png' && bytes[24] === 16) {
    if (bytes[25] === 0) return asClippedGrey
    if (bytes[25] === 4) return asHighByteGrey
  }
  return space === 'cmyk' ? asCmyk : asRgb
}

function greyToRgb(samples: Uint8Array, toByte: (value: number) => number): Uint8Array {
  const values = new Uint16Array(samples.buffer, samples.byteOffset, samples.length / 2)
  const rgb = new Uint8Array(values.length * 3)
  for (let i = 0; i < values.length; i += 1) rgb.fill(toByte(values[i] ?? 0), i * 3, i * 3 + 3)
  return rgb
}
