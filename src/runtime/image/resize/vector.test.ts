// The kernel stays inside its memory at every size, in the first resize of its life as in any other.
//
// A read past a region has no weight in the result, so pixels cannot show it. Here the region in
// question ends where the memory ends, and WebAssembly traps on the first byte behind it.
import { describe, expect, it } from 'vitest'
import { createLcg, sha256 } from '../../../../test/support/picture-fixtures.ts'
import { ORIENTATIONS } from '../orientation.ts'
import type { Orientation } from '../orientation.ts'
import { planPasses } from './passes.ts'
import { resizePlain } from './plain.ts'
import { createVectorResizer, REGIONS } from './vector.ts'
import type { Region } from './vector.ts'

/** What the bundled model and Florence-2 itself look at. */
const MODEL_SIDES = [192, 768]

/** Sizes whose first resize of a process failed before the kernel stopped at the rows that count. */
const AWKWARD: readonly (readonly [number, number])[] = [
  [1200, 2123],
  [1200, 2189],
  [2832, 4240],
  [800, 1313],
]

/** Most are thin or small: what is read depends on the sides, the time that it takes on the area. */
function* sizes(): Generator<readonly [number, number]> {
  const next = createLcg(15)
  const upTo = (limit: number): number => 1 + ((next() >>> 8) % limit)
  yield* AWKWARD
  for (let i = 0; i < 600; i += 1) yield [upTo(96), upTo(2200)]
  for (let i = 0; i < 600; i += 1) yield [upTo(4400), upTo(64)]
  for (let i = 0; i < 100; i += 1) yield [1, upTo(16_000)]
  for (let i = 0; i < 300; i += 1) yield [upTo(65_535), 1]
  for (let i = 0; i < 400; i += 1) yield [upTo(300), upTo(300)]
  for (let i = 0; i < 8; i += 1) yield [upTo(1600), upTo(4400)]
  yield [1, 65_535]
}

const SIZES = [...sizes()]

/** One sheet of noise, cut to each size: making it would take longer than resizing it. */
const NOISE = (() => {
  const next = createLcg(7)
  const bytes = new Uint8Array(Math.max(...SIZES.map(([width, height]) => width * height)) * 3)
  const words = new Uint32Array(bytes.buffer, 0, Math.floor(bytes.length / 4))
  for (let i = 0; i < words.length; i += 1) words[i] = next() ^ (i << 13)
  return bytes
})()

function resizeFresh(
  region: Region | undefined,
  width: number,
  height: number,
  side: number,
  orientation: Orientation,
): { vector: Uint8Array | undefined; plain: () => Uint8Array } {
  const picture = { width, height, data: NOISE.subarray(0, width * height * 3) }
  const passes = planPasses(picture, side, side, orientation)
  return {
    vector: createVectorResizer(region)?.(picture, passes),
    plain: () => resizePlain(picture, passes),
  }
}

describe('the vector resizer, new for each picture', () => {
  it('keeps inside each of its regions at two thousand sizes of pictures', () => {
    expect(SIZES.length).toBeGreaterThanOrEqual(2000)
    for (const [i, [width, height]] of SIZES.entries()) {
      const region = REGIONS[i % REGIONS.length]
      const side = i % 4 === 0 && height < 4500 ? 768 : 192
      const orientation = ORIENTATIONS[i % 5 === 0 ? Math.floor(i / 5) % ORIENTATIONS.length : 0]
      const { vector } = resizeFresh(region, width, height, side, orientation ?? 1)
      expect(vector, `${width}x${height} to ${side}`).toHaveLength(side * side * 3)
    }
  })

  it.each(AWKWARD)('resizes %dx%d as its first picture, with any region guarded', (...size) => {
    for (const side of MODEL_SIDES) {
      for (const region of [undefined, ...REGIONS]) {
        for (const orientation of [1, 6] as const) {
          const { vector } = resizeFresh(region, ...size, side, orientation)
          expect(vector).toHaveLength(side * side * 3)
        }
      }
    }
  })

  it('gives the bytes of the plain loops wherever its memory lies', () => {
    for (const [i, [width, height]] of SIZES.entries()) {
      if (i % 67 !== 0 || width * height > 300_000) continue
      const { vector, plain } = resizeFresh(REGIONS[i % REGIONS.length], width, height, 192, 1)
      expect(sha256(vector ?? new Uint8Array()), `${width}x${height}`).toBe(sha256(plain()))
    }
  })
})
