// The order of the two passes, which shows in rounding: portraits, squares, landscapes and strips by the
// Pillow that the model's own answers were made with.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { sha256 } from '../../../../test/support/picture-fixtures.ts'
import { ORIENTATIONS, turnUpright } from '../orientation.ts'
import type { Orientation } from '../orientation.ts'
import type { RgbPixels } from '../picture.ts'
import { resizeBicubic, resizeBicubicPlain } from './resize.ts'

const FIXTURE = new URL('../../../../test/fixtures/resizing/resizing.json', import.meta.url)
const Case = z.object({
  kind: z.string(),
  width: z.number(),
  height: z.number(),
  side: z.number(),
  rgb: z.string(),
})
const { pictures } = z
  .object({ pictures: z.array(Case) })
  .parse(JSON.parse(readFileSync(FIXTURE, 'utf8')))

/** As `made` of tools/python/resizing.py. */
function make(width: number, height: number): RgbPixels {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < 3; c += 1, at += 1) data[at] = (x * 7 + y * 13 + c * 29) ^ ((x * y) >> 3)
    }
  }
  return { width, height, data }
}

it('has every kind of picture, for both models', () => {
  const kinds = new Set(pictures.map(({ kind, side }) => `${kind} ${side}`))
  expect(kinds.size).toBe(8)
})

it.each(pictures)('resizes a $kind of $width x $height to $side as Pillow does', (expected) => {
  const { width, height, side, rgb } = expected
  const picture = make(width, height)
  expect(sha256(resizeBicubic(picture, side, side).data)).toBe(rgb)
  if (width * height < 600_000) {
    expect(sha256(resizeBicubicPlain(picture, side, side).data)).toBe(rgb)
  }
})

/** Stored so that turning it by `orientation` gives the picture. */
const INVERSE: Readonly<Record<Orientation, Orientation>> = {
  1: 1,
  2: 2,
  3: 3,
  4: 4,
  5: 5,
  6: 8,
  7: 7,
  8: 6,
}

it.each(pictures.filter(({ kind, side }) => kind === 'strip' && side === 192))(
  'resizes a turned $kind of $width x $height as if it had been upright',
  ({ width, height, side, rgb }) => {
    for (const orientation of ORIENTATIONS) {
      const stored = turnUpright(make(width, height), INVERSE[orientation])
      expect(sha256(resizeBicubic(stored, side, side, orientation).data)).toBe(rgb)
    }
  },
)
