import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createNoise,
  EXACT_PICTURES,
  readPicture,
  sha256,
} from '../../../../test/support/picture-fixtures.ts'
import { decodePicture } from '../decode/decode.ts'
import { ORIENTATIONS, turnUpright } from '../orientation.ts'
import { splitWeight } from './kernel.ts'
import { createVectorResizer } from './vector.ts'
import { resizeBicubic, resizeBicubicPlain } from './resize.ts'
import type { RgbPixels } from '../picture.ts'

/**
 * One axis by Pillow's rule as it is written down, in whole numbers without a bound; shares nothing
 * with the code under test. `line` is one channel of one row or column.
 */
function resizeLine(line: number[], output: number): number[] {
  if (line.length === output) return line
  const scale = line.length / output
  const filterScale = Math.max(scale, 1)
  const support = 2 * filterScale
  return Array.from({ length: output }, (_, o) => {
    const centre = (o + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - support + 0.5))
    const end = Math.min(line.length, Math.trunc(centre + support + 0.5))
    const weights = Array.from({ length: end - first }, (__, i) => {
      const x = Math.abs((i + first - centre + 0.5) * (1 / filterScale))
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
    })
    const sum = weights.reduce((all, weight) => all + weight, 0)
    let total = 1n << 21n
    for (const [i, weight] of weights.entries()) {
      const scaled = (weight / sum) * 4_194_304
      total += BigInt(line[first + i] ?? 0) * BigInt(Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5)))
    }
    return Math.min(255, Math.max(0, Number(total >> 22n)))
  })
}

function resizeByRule(picture: RgbPixels, width: number, height: number): Uint8Array {
  const result = new Uint8Array(width * height * 3)
  for (let channel = 0; channel < 3; channel += 1) {
    const rows = Array.from({ length: picture.height }, (_, y) =>
      resizeLine(
        Array.from(
          { length: picture.width },
          (__, x) => picture.data[(y * picture.width + x) * 3 + channel] ?? 0,
        ),
        width,
      ),
    )
    for (let x = 0; x < width; x += 1) {
      const column = resizeLine(
        rows.map((row) => row[x] ?? 0),
        height,
      )
      for (const [y, value] of column.entries()) result[(y * width + x) * 3 + channel] = value
    }
  }
  return result
}

function noise(width: number, height: number, seed = 1): RgbPixels {
  return { width, height, data: createNoise(width, height, seed) }
}

const side = fc.integer({ min: 1, max: 70 })

describe('resizeBicubic', () => {
  it.each(EXACT_PICTURES)(
    'resizes %s to the bytes that Pillow gives',
    async (name, { resized }) => {
      const picture = await decodePicture(readPicture(name), { applyOrientation: false })
      expect(sha256(resizeBicubic(picture, 768, 768).data)).toBe(resized)
    },
  )

  it('runs on vectors here', () => {
    expect(createVectorResizer()).toBeDefined()
  })

  it('follows the rule at every size, by vectors and plainly', () => {
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.integer(),
        (width, height, toWidth, toHeight, seed) => {
          const picture = noise(width, height, seed)
          const expected = resizeByRule(picture, toWidth, toHeight)
          expect(resizeBicubic(picture, toWidth, toHeight).data).toEqual(expected)
          expect(resizeBicubicPlain(picture, toWidth, toHeight).data).toEqual(expected)
        },
      ),
      { numRuns: 120 },
    )
  })

  it.each([
    [3000, 2, 768, 768],
    [2, 3000, 768, 768],
    [1999, 1501, 768, 768],
    [16_384, 3, 5, 7],
    [3, 16_384, 7, 5],
    [700, 900, 1, 1],
    [1, 1, 900, 700],
    [768, 1000, 768, 768],
    [1000, 768, 768, 768],
    [97, 3001, 97, 40],
    [3001, 97, 40, 97],
  ])('from %dx%d to %dx%d vectors and plain loops agree', (width, height, toWidth, toHeight) => {
    const picture = noise(width, height)
    const result = resizeBicubic(picture, toWidth, toHeight)
    expect([result.width, result.height]).toEqual([toWidth, toHeight])
    expect(result.data).toHaveLength(toWidth * toHeight * 3)
    expect(sha256(result.data)).toBe(sha256(resizeBicubicPlain(picture, toWidth, toHeight).data))
  })

  it.each(ORIENTATIONS)(
    'resizes a picture stored as %d as if it had been turned first',
    (orientation) => {
      fc.assert(
        fc.property(
          side,
          side,
          side,
          side,
          fc.integer(),
          (width, height, toWidth, toHeight, seed) => {
            const stored = noise(width, height, seed)
            const expected = resizeBicubicPlain(turnUpright(stored, orientation), toWidth, toHeight)
            expect(resizeBicubic(stored, toWidth, toHeight, orientation)).toEqual(expected)
            expect(resizeBicubicPlain(stored, toWidth, toHeight, orientation)).toEqual(expected)
          },
        ),
        { numRuns: 40 },
      )
    },
  )

  it.each([
    [2000, 1501, 768, 768],
    [3, 5000, 768, 20],
    [5000, 3, 20, 768],
    [768, 1000, 768, 768],
    [1000, 768, 768, 768],
  ])('does so from %dx%d to %dx%d too', (width, height, toWidth, toHeight) => {
    const stored = noise(width, height)
    for (const orientation of [3, 6, 7] as const) {
      const turned = resizeBicubic(turnUpright(stored, orientation), toWidth, toHeight)
      const result = resizeBicubic(stored, toWidth, toHeight, orientation)
      expect(sha256(result.data)).toBe(sha256(turned.data))
    }
  })

  it('clamps what the filter overshoots at a hard edge', () => {
    const data = Uint8Array.from({ length: 40 * 3 }, (_, i) => (i < 60 ? 0 : 255))
    const { data: result } = resizeBicubic({ width: 40, height: 1, data }, 400, 1)
    expect(result).toEqual(resizeByRule({ width: 40, height: 1, data }, 400, 1))
    expect([result[0], result.at(-1)]).toEqual([0, 255])
  })

  it('keeps a plain colour plain', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 0, max: 255 }), (width, height, value) => {
        const data = new Uint8Array(width * height * 3).fill(value)
        const result = resizeBicubic({ width, height, data }, 33, 21)
        expect(new Set(result.data)).toEqual(new Set([value]))
      }),
    )
  })

  it('gives a picture of the right size back untouched', () => {
    const picture = noise(9, 7)
    expect(resizeBicubic(picture, 9, 7).data).toBe(picture.data)
  })

  it('does not change its input, and forgets the last picture', () => {
    const picture = noise(300, 200)
    const before = sha256(picture.data)
    const first = sha256(resizeBicubic(picture, 64, 48).data)
    resizeBicubic(noise(500, 400, 2), 64, 48)
    expect(sha256(resizeBicubic(picture, 64, 48).data)).toBe(first)
    expect(sha256(picture.data)).toBe(before)
  })
})

describe('splitWeight', () => {
  it('cuts any weight in two 16-bit numbers that make it up', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), (weight) => {
        const [high, low] = splitWeight(weight)
        expect(high * 4096 + low).toBe(weight)
        expect(Math.max(Math.abs(high), Math.abs(low))).toBeLessThan(2 ** 15)
      }),
    )
  })
})
