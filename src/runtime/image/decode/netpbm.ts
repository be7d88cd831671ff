// Netpbm pictures, P1 to P6: the text and the binary form of bitmaps (PBM), grey maps (PGM) and
// colours (PPM). Scientific tools and scripts write them.
//
// Pillow's rules: samples are scaled to 255 by rounding half to even, except for grey with more than
// 255 levels, which it scales to 65,535 and then clips at 255. P7 (PAM) and the floating-point forms
// are not read.
import { isWhitespace, TextReader } from './netpbm-text.ts'
import { assertWithinLimits } from './limits.ts'
import type { PictureLimits } from './limits.ts'
import { damagedPicture, unsupportedForm } from './picture-errors.ts'
import type { Picture } from '../picture.ts'

const MAX_SAMPLE = 65_535

interface Header {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  /** Of a bitmap 1. */
  readonly maximum: number
}

/**
 * Decodes the first picture of a Netpbm file.
 *
 * @throws FlocapError `invalid_image`, `image_too_large`, `unsupported_image_format` for P7
 */
export function decodeNetpbm(bytes: Uint8Array, limits: PictureLimits): Picture {
  const kind = (bytes[1] ?? 0) - 0x30
  if (kind === 7) throw unsupportedForm('netpbm', 'the form P7 (PAM)')
  const reader = new TextReader(bytes, 2)
  if (!isWhitespace(bytes[2]))
    throw damagedPicture('netpbm', 'no space follows its first two bytes')
  const width = reader.number('width')
  const height = reader.number('height')
  const isBitmap = kind === 1 || kind === 4
  const maximum = isBitmap ? 1 : reader.number('largest sample')
  assertWithinLimits('netpbm', width, height, limits)
  if (maximum < 1 || maximum > MAX_SAMPLE) {
    throw damagedPicture('netpbm', `its largest sample is ${maximum}, not 1 to ${MAX_SAMPLE}`)
  }
  const header: Header = { width, height, channels: kind % 3 === 0 ? 3 : 1, maximum }
  const data = new Uint8Array(width * height * 3)
  const paint = painter(data, header.channels)
  if (kind === 1) readBits(reader, width * height, paint)
  else if (kind === 4) unpackBits(bytes, reader.at, header, paint)
  else if (kind < 4) readNumbers(reader, header, paint)
  else unpackSamples(bytes, reader.at, header, paint)
  return { width, height, data, format: 'netpbm' }
}

type Paint = (sample: number, value: number) => void

/** Puts the samples of one channel into all three, or each into its own. */
function painter(data: Uint8Array, channels: 1 | 3): Paint {
  if (channels === 3) {
    return (sample, value) => {
      data[sample] = value
    }
  }
  return (sample, value) => data.fill(value, sample * 3, sample * 3 + 3)
}

function readBits(reader: TextReader, count: number, paint: Paint): void {
  for (let i = 0; i < count; i += 1) paint(i, reader.bit() === 1 ? 0 : 255)
}

function unpackBits(bytes: Uint8Array, from: number, header: Header, paint: Paint): void {
  const { width, height } = header
  const rowBytes = Math.ceil(width / 8)
  assertEnough(bytes, from + rowBytes * height)
  for (let y = 0; y < height; y += 1) {
    const row = from + y * rowBytes
    for (let x = 0; x < width; x += 1) {
      const isBlack = (((bytes[row + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1
      paint(y * width + x, isBlack ? 0 : 255)
    }
  }
}

function readNumbers(reader: TextReader, header: Header, paint: Paint): void {
  const { width, height, channels, maximum } = header
  const levels = createLevels(header, maximum)
  for (let i = 0; i < width * height * channels; i += 1) {
    const value = reader.sample()
    if (value > maximum) {
      throw damagedPicture('netpbm', `it has a sample of ${value}, above its largest of ${maximum}`)
    }
    paint(i, levels[value] ?? 0)
  }
}

function unpackSamples(bytes: Uint8Array, from: number, header: Header, paint: Paint): void {
  const { width, height, channels, maximum } = header
  const samples = width * height * channels
  const isWide = maximum > 255
  assertEnough(bytes, from + samples * (isWide ? 2 : 1))
  const levels = createLevels(header, isWide ? MAX_SAMPLE : 255)
  for (let i = 0; i < samples; i += 1) {
    const at = from + (isWide ? 2 * i : i)
    const value = isWide ? ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0) : (bytes[at] ?? 0)
    paint(i, levels[value] ?? 0)
  }
}

/** What each sample value up to `largest` becomes. */
function createLevels({ channels, maximum }: Header, largest: number): Uint8Array {
  const full = channels === 1 && maximum > 255 ? MAX_SAMPLE : 255
  return Uint8Array.from({ length: largest + 1 }, (_, value) =>
    Math.min(255, roundHalfToEven((value / maximum) * full)),
  )
}

function roundHalfToEven(value: number): number {
  const rounded = Math.round(value)
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded
}

function assertEnough(bytes: Uint8Array, needed: number): void {
  if (bytes.length < needed) throw damagedPicture('netpbm', 'it ends too early')
}
