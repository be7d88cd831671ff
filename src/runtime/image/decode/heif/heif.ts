// HEIC pictures, as iPhones and many cameras write them, by libheif.
//
// libheif turns, mirrors and crops as the container says, so an EXIF orientation, which such files
// carry as well, is not applied again; pillow-heif does the same. Ten and twelve bits come out as
// eight. Of a sequence the main picture counts; one without a still picture is refused.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { assertWithinLimits } from '../limits.ts'
import type { PictureLimits } from '../limits.ts'
import { whenThereIsRoom } from '../one-large-picture.ts'
import { unsupportedForm } from '../picture-errors.ts'
import { separateAlpha } from '../separate-alpha.ts'
import type { DecodedPicture } from '../../picture.ts'
import { runCodec, type WasmCodec } from '../wasm/run-codec.ts'
import { readHeifStructure } from './structure.ts'

const manifest = createRequire(import.meta.url).resolve('libheif-js/package.json')

const LIBHEIF: WasmCodec = {
  format: 'heic',
  wasm: join(manifest, '..', 'libheif-wasm', 'libheif.wasm'),
  worker: new URL('./libheif.worker.mjs', import.meta.url),
  // 8 bytes a pixel are what it takes for a photo: 110 megapixels and half as much again.
  maxMemoryBytes: 1280 * 2 ** 20,
}

/** By the clock, ten times what it takes where nothing else computes: 80 ms a megapixel. */
const BASE_BUDGET_MS = 20_000
const BUDGET_MS_A_MEGAPIXEL = 1000

const CODINGS: Readonly<Record<string, string>> = {
  avc1: 'H.264 (AVC)',
  vvc1: 'H.266 (VVC)',
  jpeg: 'JPEG',
  j2k1: 'JPEG 2000',
  unci: 'uncompressed samples',
}

/** What the worker gives: pixels upright, with alpha as a fourth channel where that is wanted. */
interface HeicPixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Whether the main picture of a HEIF file is AV1: an AVIF picture under a general brand. */
export function isAv1(bytes: Uint8Array): boolean {
  return readHeifStructure(bytes).coding === 'av01'
}

/**
 * Decodes the main picture, upright.
 *
 * @param keepAlpha whether alpha is wanted, where the picture has it
 * @throws FlocapError `invalid_image`, `image_too_large`, `unsupported_image_format`; MemoryFailure.
 */
export async function decodeHeic(
  bytes: Uint8Array,
  limits: PictureLimits,
  keepAlpha = false,
): Promise<DecodedPicture> {
  const { coding, sizes } = readHeifStructure(bytes)
  for (const { width, height } of sizes) assertWithinLimits('heic', width, height, limits)
  if (coding !== 'hvc1' && coding !== 'hev1') {
    throw unsupportedForm('heic', `a picture coded as ${CODINGS[coding] ?? JSON.stringify(coding)}`)
  }
  const [{ width, height } = { width: 0, height: 0 }] = sizes
  const { maxPixels } = limits
  const budgetMs = BASE_BUDGET_MS + (BUDGET_MS_A_MEGAPIXEL * width * height) / 1e6
  const options = { maxPixels, budgetMs, keepAlpha }
  const decoded = await whenThereIsRoom(width * height, async () =>
    runCodec<HeicPixels>(LIBHEIF, bytes, options),
  )
  assertWithinLimits('heic', decoded.width, decoded.height, limits)
  const { colours, alpha } = separateAlpha(decoded.data, decoded.width * decoded.height, 3)
  return { width: decoded.width, height: decoded.height, data: colours, format: 'heic', alpha }
}
