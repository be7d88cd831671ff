// The first frame of a GIF as Pillow shows it.
//
// Ours because libvips draws transparent pixels black, while Pillow keeps the palette's colour (the
// model was trained on Pillow's), and because one frame of GIF is a small thing to read safely.
//
// Pillow's rules beyond the specification: the canvas grows to hold a frame that sticks out of it;
// what the frame leaves free has the transparent index, or index 0 without one; without a palette
// an index is a shade of grey; an index past the palette's end is black; data after the last pixel
// does not matter.
import { ByteReader } from './byte-reader.ts'
import { assertWithinLimits } from './limits.ts'
import type { PictureLimits } from './limits.ts'
import { decodeLzw } from './gif-lzw.ts'
import { damagedPicture } from './picture-errors.ts'
import type { DecodedPicture } from '../picture.ts'

const EXTENSION = 0x21
const IMAGE = 0x2c
const TRAILER = 0x3b
const GRAPHIC_CONTROL = 0xf9

interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly interlaced: boolean
  /** RGB triples; undefined for shades of grey. */
  readonly palette: Uint8Array | undefined
  readonly transparent: number | undefined
}

/**
 * Decodes the first frame.
 *
 * @throws FlocapError `invalid_image`, `image_too_large`
 */
export function decodeGif(bytes: Uint8Array, limits: PictureLimits): DecodedPicture {
  const reader = new ByteReader(bytes, 'gif')
  reader.at = 6
  const screenWidth = reader.u16()
  const screenHeight = reader.u16()
  const flags = reader.u8()
  reader.at += 2
  const globalPalette = readPalette(reader, flags)
  const frame = readFrameHeader(reader, globalPalette)
  const width = Math.max(screenWidth, frame.left + frame.width)
  const height = Math.max(screenHeight, frame.top + frame.height)
  assertWithinLimits('gif', width, height, limits)
  assertWithinLimits('gif', frame.width, frame.height, limits)

  const minimumCodeSize = reader.u8()
  if (minimumCodeSize < 1 || minimumCodeSize > 8) {
    throw damagedPicture('gif', `its code size is ${minimumCodeSize}, not 1 to 8`)
  }
  const pixels = new Uint8Array(frame.width * frame.height)
  decodeLzw(readSubBlocks(reader), minimumCodeSize, pixels)
  const data = toRgb(frame, pixels, width, height)
  return { width, height, format: 'gif', data, alpha: toAlpha(frame, pixels, width, height) }
}

function readFrameHeader(reader: ByteReader, globalPalette: Uint8Array | undefined): Frame {
  let transparent: number | undefined
  for (;;) {
    if (reader.remaining === 0) throw damagedPicture('gif', 'it ends before its first frame')
    const kind = reader.u8()
    if (kind === TRAILER) throw damagedPicture('gif', 'it has no frame')
    if (kind === EXTENSION) {
      const label = reader.u8()
      const content = readSubBlocks(reader)
      const control = label === GRAPHIC_CONTROL ? content : undefined
      if (control && ((control[0] ?? 0) & 1) !== 0) transparent = control[3]
    }
    if (kind === IMAGE) {
      const left = reader.u16()
      const top = reader.u16()
      const width = reader.u16()
      const height = reader.u16()
      const flags = reader.u8()
      const interlaced = (flags & 0x40) !== 0
      const palette = readPalette(reader, flags) ?? globalPalette
      return { left, top, width, height, interlaced, palette, transparent }
    }
    // Any other byte is skipped: stray zeros between blocks are common.
  }
}

function readPalette(reader: ByteReader, flags: number): Uint8Array | undefined {
  return (flags & 0x80) === 0 ? undefined : reader.bytes(3 << ((flags & 7) + 1))
}

/** The data blocks up to the empty one, joined; a file cut off inside gives what there is. */
function readSubBlocks(reader: ByteReader): Uint8Array {
  const blocks: Uint8Array[] = []
  while (reader.remaining > 0) {
    const length = reader.u8()
    if (length === 0) break
    blocks.push(reader.bytes(Math.min(length, reader.remaining)))
  }
  return Buffer.concat(blocks)
}

function toRgb(frame: Frame, pixels: Uint8Array, width: number, height: number): Uint8Array {
  const colours = toColours(frame.palette)
  const rgb = new Uint8Array(width * height * 3)
  if (frame.width !== width || frame.height !== height) {
    const background = 3 * (frame.transparent ?? 0)
    for (let at = 0; at < rgb.length; at += 3) {
      rgb.set(colours.subarray(background, background + 3), at)
    }
  }
  const rows = frame.interlaced ? interlacedRows(frame.height) : undefined
  for (let row = 0; row < frame.height; row += 1) {
    const y = frame.top + (rows?.[row] ?? row)
    let to = (y * width + frame.left) * 3
    for (let at = row * frame.width; at < (row + 1) * frame.width; at += 1) {
      const from = 3 * (pixels[at] ?? 0)
      rgb[to] = colours[from] ?? 0
      rgb[to + 1] = colours[from + 1] ?? 0
      rgb[to + 2] = colours[from + 2] ?? 0
      to += 3
    }
  }
  return rgb
}

/** [height, width]: what the frame leaves free is transparent where it has a transparent index. */
function toAlpha(
  frame: Frame,
  pixels: Uint8Array,
  width: number,
  height: number,
): Uint8Array | undefined {
  const { transparent } = frame
  if (transparent === undefined) return undefined
  const alpha = new Uint8Array(width * height)
  const rows = frame.interlaced ? interlacedRows(frame.height) : undefined
  for (let row = 0; row < frame.height; row += 1) {
    let to = (frame.top + (rows?.[row] ?? row)) * width + frame.left
    for (let at = row * frame.width; at < (row + 1) * frame.width; at += 1, to += 1) {
      alpha[to] = pixels[at] === transparent ? 0 : 255
    }
  }
  return alpha
}

/** [256, 3] */
function toColours(palette: Uint8Array | undefined): Uint8Array {
  const colours = new Uint8Array(256 * 3)
  if (palette) colours.set(palette)
  else for (let i = 0; i < colours.length; i += 1) colours[i] = Math.floor(i / 3)
  return colours
}

/** Where the stored rows go: every eighth, the fourths between, the seconds, then the rest. */
function interlacedRows(height: number): number[] {
  const rows: number[] = []
  for (const [first, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const) {
    for (let y = first; y < height; y += step) rows.push(y)
  }
  return rows
}
