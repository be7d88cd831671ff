// Windows bitmaps as Pillow reads them: 1, 4, 8, 16, 24 and 32 bits, either run-length coding,
// top-down or bottom-up, with every header from OS/2 1.x to version 5.
//
// Ours because libvips has no loader for BMP, SillyTavern's clients send it, and a decoder of
// hostile files must be strict about every bound.
//
// Pillow's rules beyond the specification: there is alpha only where a mask names it; five bits widen
// by v * 255 / 31 (not by shifting); a palette may start at the header's end although the pixel offset
// points there; an index past the palette's end is black. One rule is not followed: a run-length
// file that ends before its last row, which the format allows, is filled with index 0 here and
// refused by Pillow.
import { decodeBmpRuns } from './bmp-runs.ts'
import { ByteReader } from './byte-reader.ts'
import { assertWithinLimits } from './limits.ts'
import type { PictureLimits } from './limits.ts'
import { unsupportedForm } from './picture-errors.ts'
import type { DecodedPicture } from '../picture.ts'

const FILE_HEADER_BYTES = 14
const CORE_HEADER_BYTES = 12
/** The shortest header that has a mask for alpha. */
const ALPHA_HEADER_BYTES = 56
const RAW = 0
const RLE8 = 1
const RLE4 = 2
const BITFIELDS = 3

interface Header {
  readonly width: number
  readonly height: number
  readonly topDown: boolean
  readonly bits: number
  readonly compression: number
  /** [256, 3]; undefined for 16 bits and more. */
  readonly colours: Uint8Array | undefined
  /** Of red, green, blue. */
  readonly masks: readonly [number, number, number]
  /** 0 for none. */
  readonly alphaMask: number
  readonly pixelsAt: number
}

/** Without BITFIELDS. */
const DEFAULT_MASKS: Readonly<Record<number, readonly [number, number, number]>> = {
  16: [0x7c00, 0x3e0, 0x1f],
  24: [0xff0000, 0xff00, 0xff],
  32: [0xff0000, 0xff00, 0xff],
}

/**
 * Decodes a BMP file.
 *
 * @throws FlocapError `invalid_image`, `image_too_large`, `unsupported_image_format` (JPEG or PNG
 *   inside a BMP, odd bit depths, masks that do not cover whole runs of bits)
 */
export function decodeBmp(bytes: Uint8Array, limits: PictureLimits): DecodedPicture {
  const reader = new ByteReader(bytes, 'bmp')
  const header = readHeader(reader, limits)
  reader.at = header.pixelsAt
  const { width, height } = header
  const data = new Uint8Array(width * height * 3)
  if (header.compression === RLE8 || header.compression === RLE4) {
    const indices = decodeBmpRuns(reader, width, height, header.compression === RLE4)
    for (let y = 0; y < height; y += 1) {
      paintIndices(indices.subarray(y * width, (y + 1) * width), 8, header, data, y)
    }
    return { width, height, data, format: 'bmp' }
  }
  const alpha = header.alphaMask === 0 ? undefined : new Uint8Array(width * height)
  const rowBytes = Math.ceil((width * header.bits) / 32) * 4
  for (let y = 0; y < height; y += 1) {
    // Pillow, like most readers, does without the padding of the last row.
    const needed = Math.ceil((width * header.bits) / 8)
    const row = reader.bytes(y === height - 1 ? needed : rowBytes)
    if (header.colours) paintIndices(row, header.bits, header, data, y)
    else paintMasked(row, header, data, y)
    if (alpha) copyAlpha(row, header, alpha, y)
  }
  // Many programs leave the channel empty; a picture that is wholly transparent is none.
  const isEmpty = alpha?.every((opacity) => opacity === 0)
  return { width, height, data, format: 'bmp', alpha: isEmpty ? undefined : alpha }
}

function readHeader(reader: ByteReader, limits: PictureLimits): Header {
  reader.at = 10
  const pixelOffset = reader.u32()
  const headerBytes = reader.u32()
  const core = headerBytes === CORE_HEADER_BYTES
  const width = core ? reader.u16() : reader.i32()
  const signedHeight = core ? reader.u16() : reader.i32()
  reader.at += 2
  const bits = reader.u16()
  const compression = core ? RAW : reader.u32()
  assertWithinLimits('bmp', width, Math.abs(signedHeight), limits)
  assertReadable(bits, compression)
  let colourCount = 0
  if (!core) {
    reader.at += 12
    colourCount = reader.u32()
    reader.at += 4
  }
  const headerEnd = FILE_HEADER_BYTES + headerBytes
  let masks = DEFAULT_MASKS[bits] ?? [0, 0, 0]
  let alphaMask = 0
  if (compression === BITFIELDS) {
    // Right after a header of 40 bytes, and at the same place inside a longer one.
    const given = [reader.u32(), reader.u32(), reader.u32()] as const
    if (given.some((mask) => mask !== 0)) masks = given
    assertMasks(masks, bits)
    if (headerBytes >= ALPHA_HEADER_BYTES) alphaMask = toAlphaMask(reader.u32(), bits)
  }
  reader.at = Math.max(reader.at, headerEnd)
  const common = { width, height: Math.abs(signedHeight), topDown: signedHeight < 0, bits }
  if (bits > 8) {
    const pixelsAt = pixelOffset || reader.at
    return { ...common, compression, masks, alphaMask, colours: undefined, pixelsAt }
  }
  const entryBytes = core ? 3 : 4
  const entries = colourCount === 0 ? 1 << bits : colourCount
  const overlaps = pixelOffset === headerEnd
  const paletteEnd = reader.at + entries * entryBytes
  const colours = readPalette(reader, Math.min(entries, 256), entryBytes)
  const pixelsAt = overlaps || pixelOffset === 0 ? paletteEnd : pixelOffset
  return { ...common, compression, masks, alphaMask, colours, pixelsAt }
}

function assertReadable(bits: number, compression: number): void {
  const allowed: Readonly<Record<number, readonly number[]>> = {
    [RAW]: [1, 4, 8, 16, 24, 32],
    [RLE8]: [8],
    [RLE4]: [4],
    [BITFIELDS]: [16, 24, 32],
  }
  if (allowed[compression]?.includes(bits)) return
  throw unsupportedForm('bmp', `${bits} bits a pixel with compression ${compression}`)
}

function assertMasks(masks: readonly number[], bits: number): void {
  for (const mask of masks) {
    const shifted = mask === 0 ? 0 : mask >>> trailingZeros(mask)
    const isRun = shifted !== 0 && (shifted & (shifted + 1)) === 0 && shifted <= 0xff
    const isAligned = shifted !== 0xff || trailingZeros(mask) % 8 === 0
    if (!isRun || !isAligned || mask >= 2 ** bits) {
      throw unsupportedForm('bmp', `the colour mask 0x${mask.toString(16)}`)
    }
  }
}

/** The mask where it is a whole byte of four, as Pillow reads it; otherwise 0. */
function toAlphaMask(mask: number, bits: number): number {
  const isByte =
    mask !== 0 && trailingZeros(mask) % 8 === 0 && mask >>> trailingZeros(mask) === 0xff
  return bits === 32 && isByte ? mask : 0
}

function trailingZeros(mask: number): number {
  return 31 - Math.clz32(mask & -mask)
}

/** [256, 3], black past the palette's end. */
function readPalette(reader: ByteReader, entries: number, entryBytes: number): Uint8Array {
  const colours = new Uint8Array(256 * 3)
  for (let i = 0; i < entries; i += 1) {
    const [blue = 0, green = 0, red = 0] = reader.bytes(entryBytes)
    colours.set([red, green, blue], i * 3)
  }
  return colours
}

function rowStart(header: Header, y: number): number {
  return (header.topDown ? y : header.height - 1 - y) * header.width * 3
}

function paintIndices(
  row: Uint8Array,
  bits: number,
  header: Header,
  data: Uint8Array,
  y: number,
): void {
  const colours = header.colours ?? new Uint8Array()
  const perByte = 8 / bits
  const lowest = (1 << bits) - 1
  let to = rowStart(header, y)
  for (let x = 0; x < header.width; x += 1) {
    const byte = row[Math.floor(x / perByte)] ?? 0
    const from = 3 * ((byte >> (8 - bits * ((x % perByte) + 1))) & lowest)
    data[to] = colours[from] ?? 0
    data[to + 1] = colours[from + 1] ?? 0
    data[to + 2] = colours[from + 2] ?? 0
    to += 3
  }
}

function paintMasked(row: Uint8Array, header: Header, data: Uint8Array, y: number): void {
  const bytesPerPixel = header.bits / 8
  const end = header.width * bytesPerPixel
  const [red, green, blue] = header.masks.map(toChannel)
  if (!red || !green || !blue) return
  let to = rowStart(header, y)
  if (red.largest === 255 && green.largest === 255 && blue.largest === 255) {
    const [r, g, b] = [red.shift / 8, green.shift / 8, blue.shift / 8]
    for (let at = 0; at < end; at += bytesPerPixel) {
      data[to] = row[at + r] ?? 0
      data[to + 1] = row[at + g] ?? 0
      data[to + 2] = row[at + b] ?? 0
      to += 3
    }
    return
  }
  for (let at = 0; at < end; at += bytesPerPixel) {
    let pixel = 0
    for (let i = bytesPerPixel - 1; i >= 0; i -= 1) pixel = (pixel << 8) | (row[at + i] ?? 0)
    data[to] = toByte(pixel, red)
    data[to + 1] = toByte(pixel, green)
    data[to + 2] = toByte(pixel, blue)
    to += 3
  }
}

function copyAlpha(row: Uint8Array, header: Header, alpha: Uint8Array, y: number): void {
  const byte = trailingZeros(header.alphaMask) / 8
  const to = rowStart(header, y) / 3
  for (let x = 0; x < header.width; x += 1) alpha[to + x] = row[x * 4 + byte] ?? 0
}

interface Channel {
  readonly mask: number
  readonly shift: number
  readonly largest: number
}

function toChannel(mask: number): Channel {
  const shift = trailingZeros(mask)
  return { mask, shift, largest: mask >>> shift }
}

function toByte(pixel: number, { mask, shift, largest }: Channel): number {
  return Math.floor((((pixel & mask) >>> shift) * 255) / largest)
}
