// Expected places are Pillow's: a picture of one row whose pixels hold their own number, resized.
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { placesOf, resizeNearest } from './nearest.ts'

describe('placesOf', () => {
  it.each([
    [3, 2, [0, 2]],
    [2, 3, [0, 1, 1]],
    [10, 4, [1, 3, 6, 8]],
    [7, 9, [0, 1, 1, 2, 3, 4, 5, 5, 6]],
  ])('repeats of %i pixels to %i those that Pillow does', (before, after, places) => {
    expect([...placesOf(before, after)]).toEqual(places)
  })

  it.each([
    [4032, 768, 3_133_228_260],
    [3024, 768, 1_183_895_199],
    [641, 768, 378_459_228],
    [49, 7, 2_327_895_922],
    [65_535, 768, 3_117_298_819],
    [1079, 767, 2_883_864_408],
  ])('rounds as Pillow does from %i pixels to %i', (before, after, sum) => {
    expect(crc32(new Uint8Array(placesOf(before, after).buffer))).toBe(sum)
  })
})

it('moves whole pixels', () => {
  const data = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  const larger = resizeNearest({ data, width: 2, height: 2 }, 4, 1)
  expect([...larger.data]).toEqual([7, 8, 9, 7, 8, 9, 10, 11, 12, 10, 11, 12])
  expect([larger.width, larger.height]).toEqual([4, 1])
})
