// JPEG XL pictures, by jxl-oxide.
//
// It turns the picture upright and converts its colours to sRGB, in 8 bits, which Pillow's plug-in leaves
// to its caller; sRGB pictures are within a level of the plug-in's. CMYK is refused. It hands out a PNG,
// whose making takes most of the time: about half a second for each megapixel.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { assertWithinLimits } from '../limits.ts'
import type { PictureLimits } from '../limits.ts'
import { whenThereIsRoom } from '../one-large-picture.ts'
import { unsupportedForm } from '../picture-errors.ts'
import { runCodec, type WasmCodec } from '../wasm/run-codec.ts'
import { readJxlHeader } from './codestream.ts'

const manifest = createRequire(import.meta.url).resolve('jxl-oxide-wasm/package.json')

const JXL_OXIDE: WasmCodec = {
  format: 'jxl',
  wasm: join(manifest, '..', 'jxl_oxide_wasm_bg.wasm'),
  worker: new URL('./jxl-oxide.worker.mjs', import.meta.url),
  // 35 bytes a pixel are what it takes.
  maxMemoryBytes: 2048 * 2 ** 20,
}

/** What fits into that memory. */
const MAX_PIXELS = 50_400_000
/** By the clock, ten times what it takes where nothing else computes. */
const BASE_BUDGET_MS = 20_000
const BUDGET_MS_A_MEGAPIXEL = 4000

/**
 * Decodes the first frame, upright, to a PNG.
 *
 * @throws FlocapError `invalid_image`, `image_too_large`, `unsupported_image_format`; MemoryFailure.
 */
export async function decodeJxlToPng(
  bytes: Uint8Array,
  limits: PictureLimits,
): Promise<Uint8Array> {
  const { width, height, hasBlack } = readJxlHeader(bytes)
  const maxPixels = Math.min(limits.maxPixels, MAX_PIXELS)
  assertWithinLimits('jxl', width, height, { ...limits, maxPixels })
  if (hasBlack) throw unsupportedForm('jxl', 'CMYK colours')
  const budgetMs = BASE_BUDGET_MS + (BUDGET_MS_A_MEGAPIXEL * width * height) / 1e6
  // It takes the memory of a picture that is four times as large in any other format.
  return whenThereIsRoom(4 * width * height, async () =>
    runCodec<Uint8Array>(JXL_OXIDE, bytes, { maxPixels, budgetMs, keepAlpha: true }),
  )
}
