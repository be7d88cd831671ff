// HEIC pictures, as iPhones and many cameras write them, by libheif.
//
// libheif turns, mirrors and crops as the container says, so an EXIF orientation, which such files
// carry as well, is not applied again; pillow-heif does the same. Ten and twelve bits come out as
// eight. Of a sequence the main picture counts; one without a still picture is refused.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { assertWithinLimits } from '../limits.ts'
import type { PictureLimits } from '../limits.ts'
import { unsupportedForm } from '../picture-errors.ts'
import type { Picture, RgbPixels } from '../../picture.ts'
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

/** It takes 80 ms a megapixel where nothing else computes. */
const BASE_BUDGET_MS = 10_000
const BUDGET_MS_A_MEGAPIXEL = 500

const CODINGS: Readonly<Record<string, string>> = {
  avc1: 'H.264 (AVC)',
  vvc1: 'H.266 (VVC)',
  jpeg: 'JPEG',
  j2k1: 'JPEG 2000',
  unci: 'uncompressed samples',
}

/** Whether the main picture of a HEIF file is AV1: an AVIF picture under a general brand. */
export function isAv1(bytes: Uint8Array): boolean {
  return readHeifStructure(bytes).coding === 'av01'
}

/**
 * Decodes the main picture, upright.
 *
 * @throws FlocapError `invalid_image`, `image_too_large`, `unsupported_image_format`; MemoryFailure.
 */
export async function decodeHeic(bytes: Uint8Array, limits: PictureLimits): Promise<Picture> {
  const { coding, sizes } = readHeifStructure(bytes)
  for (const { width, height } of sizes) assertWithinLimits('heic', width, height, limits)
  if (coding !== 'hvc1' && coding !== 'hev1') {
    throw unsupportedForm('heic', `a picture coded as ${CODINGS[coding] ?? JSON.stringify(coding)}`)
  }
  const [{ width, height } = { width: 0, height: 0 }] = sizes
  const { maxPixels } = limits
  const budgetMs = BASE_BUDGET_MS + (BUDGET_MS_A_MEGAPIXEL * width * height) / 1e6
  const pixels = await runCodec<RgbPixels>(LIBHEIF, bytes, { maxPixels, budgetMs })
  assertWithinLimits('heic', pixels.width, pixels.height, limits)
  return { ...pixels, format: 'heic' }
}
