// The picture fixtures and what Pillow makes of them (see fixtures/pictures/PROVENANCE.md).
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const FOLDER = new URL('../fixtures/pictures/', import.meta.url)

const size = z.tuple([z.number(), z.number()])

const manifestSchema = z.object({
  made_by: z.object({ pillow: z.string() }),
  pictures: z.record(
    z.string(),
    z.object({
      /** Pillow's mode of the opened file. */
      mode: z.string(),
      size,
      /** sha256 of `convert("RGB")`, then of its 768x768 bicubic resize. */
      rgb: z.string(),
      resized: z.string(),
      /** Only where turning the picture upright changes it. */
      upright: z.object({ size, rgb: z.string() }).optional(),
    }),
  ),
})

const manifest = manifestSchema.parse(
  JSON.parse(readFileSync(new URL('pictures.json', FOLDER), 'utf8')),
)

export const PICTURES = manifest.pictures
/** The version of Pillow that the expectations are of. */
export const PICTURES_PILLOW = manifest.made_by.pillow

/** Forms that FloCap refuses although Pillow reads them. */
export const REFUSED_PICTURES = ['tiff-rgb-zstd.tiff', 'tiff-lab.tiff']

/**
 * Pictures that the Pillow of the fixtures reads wrongly, with the same picture in another form. Before
 * version 13 Pillow loses the last pixel of a literal run of odd length and takes it for the next run.
 */
export const MISREAD_BY_PILLOW: Readonly<Record<string, string>> = {
  'bmp-4-rle-odd-runs.bmp': 'bmp-4.bmp',
}

/**
 * Forms whose pixels are not Pillow's: the largest and the mean difference of a byte, as measured
 * (rounded up). Subsampled AVIF is the only one that shows: libheif repeats chroma samples where
 * libavif interpolates, and the fixture is made of hard coloured edges.
 */
export const INEXACT_PICTURES: Readonly<Record<string, { largest: number; mean: number }>> = {
  'avif-420.avif': { largest: 133, mean: 5.2 },
  'avif-444.avif': { largest: 1, mean: 0.23 },
  'avif-alpha.avif': { largest: 1, mean: 0.23 },
  'avif-animated.avif': { largest: 1, mean: 0.3 },
  'avif-orientation-6.avif': { largest: 1, mean: 0.23 },
  'tiff-rgba-premultiplied.tiff': { largest: 1, mean: 0.01 },
  'heic-10-bit.heic': { largest: 2, mean: 0.07 },
  'heic-444.heic': { largest: 4, mean: 0.18 },
  'jxl-lossy.jxl': { largest: 1, mean: 0.25 },
  'jxl-grey.jxl': { largest: 1, mean: 0.25 },
  'jxl-lossy-alpha.jxl': { largest: 1, mean: 0.25 },
  'jxl-from-jpeg.jxl': { largest: 1, mean: 0.25 },
  'jxl-orientation-2.jxl': { largest: 1, mean: 0.25 },
  'jxl-orientation-3.jxl': { largest: 1, mean: 0.25 },
  'jxl-orientation-4.jxl': { largest: 1, mean: 0.25 },
  'jxl-orientation-5.jxl': { largest: 1, mean: 0.25 },
  'jxl-orientation-6.jxl': { largest: 1, mean: 0.25 },
  'jxl-orientation-7.jxl': { largest: 1, mean: 0.25 },
  'jxl-orientation-8.jxl': { largest: 1, mean: 0.25 },
}

/** All others: decoded to Pillow's bytes. */
export const EXACT_PICTURES = Object.entries(PICTURES).filter(
  ([name]) =>
    !REFUSED_PICTURES.includes(name) && !INEXACT_PICTURES[name] && !MISREAD_BY_PILLOW[name],
)

export function readPicture(name: string): Uint8Array {
  return readFileSync(new URL(name, FOLDER))
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A small deterministic generator for tests: the classic 32-bit linear congruential one. */
export function createLcg(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
}

/** [height, width, 3] bytes of the generator's high byte. */
export function createNoise(width: number, height: number, seed = 1): Uint8Array {
  const next = createLcg(seed)
  return Uint8Array.from({ length: width * height * 3 }, () => next() >>> 24)
}
