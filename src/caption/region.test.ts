import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  LOCATION_BINS,
  fromBin,
  parseRegionText,
  resolveRegions,
  toBin,
  toRegionParts,
} from './region.ts'
import type { Region } from './region.ts'

const size = fc.integer({ min: 1, max: 100_000 })
const bin = fc.integer({ min: 0, max: LOCATION_BINS - 1 })

describe('bins', () => {
  it('are what the reference publishes for a car on 640 x 480 pixels', () => {
    expect([fromBin(52, 640), fromBin(332, 480), fromBin(932, 640), fromBin(774, 480)]).toEqual([
      33.599998474121094, 159.59999084472656, 596.7999877929688, 371.7599792480469,
    ])
    expect([toBin(33.6, 640), toBin(159.6, 480), toBin(596.8, 640), toBin(371.76, 480)]).toEqual([
      52, 332, 932, 774,
    ])
  })

  it('are clamped at both ends', () => {
    expect([toBin(-5, 640), toBin(0, 640), toBin(640, 640), toBin(1e9, 640)]).toEqual([
      0, 0, 999, 999,
    ])
  })

  it('survive the way to a coordinate and back', () => {
    fc.assert(
      fc.property(bin, size, (value, side) => {
        expect(toBin(fromBin(value, side), side)).toBe(value)
      }),
    )
  })

  it('move a coordinate by one bin at most', () => {
    fc.assert(
      fc.property(size, fc.double({ min: 0, max: 1, noNaN: true }), (side, fraction) => {
        const value = fraction * side
        expect(Math.abs(fromBin(toBin(value, side), side) - value)).toBeLessThanOrEqual(
          side / LOCATION_BINS,
        )
      }),
    )
  })
})

describe('parseRegionText', () => {
  it.each([
    ['<loc_52><loc_332><loc_932><loc_774>', { unit: 'bin', box: [52, 332, 932, 774] }],
    [' <loc_0> <loc_1> <loc_2> <loc_3> ', { unit: 'bin', box: [0, 1, 2, 3] }],
    ['34, 160, 597, 372', { unit: 'pixel', box: [34, 160, 597, 372] }],
    ['(34,160,597,372)', { unit: 'pixel', box: [34, 160, 597, 372] }],
  ])('reads %j', (text, region) => {
    expect(parseRegionText(text)).toEqual(region)
  })

  it.each(['', '1, 2, 3', '1, 2, 3, 4, 5', '<loc_1><loc_2><loc_3><loc_1000>', '-1, 2, 3, 4', 'a'])(
    'takes %j for no region',
    (text) => {
      expect(parseRegionText(text)).toBeUndefined()
    },
  )
})

function token(name: string): unknown {
  return { kind: 'token', token: name }
}

describe('toRegionParts', () => {
  it('makes tokens of bins', () => {
    expect(toRegionParts({ unit: 'bin', box: [52, 332, 932, 774] })).toEqual(
      ['<loc_52>', '<loc_332>', '<loc_932>', '<loc_774>'].map(token),
    )
  })

  it('makes tokens of fractions', () => {
    expect(toRegionParts({ unit: 'fraction', box: [0, 0.57, 0.5, 1] })).toEqual(
      ['<loc_0>', '<loc_570>', '<loc_500>', '<loc_999>'].map(token),
    )
  })

  it('keeps pixels until the size of the picture is known', () => {
    const prompt = toRegionParts({ unit: 'pixel', box: [33.6, 159.6, 596.8, 371.76] })
    expect(prompt).toEqual([{ kind: 'region', box: [33.6, 159.6, 596.8, 371.76] }])
    expect(resolveRegions(prompt, { width: 640, height: 480 })).toEqual(
      ['<loc_52>', '<loc_332>', '<loc_932>', '<loc_774>'].map(token),
    )
  })

  it.each<[string, Region]>([
    ['a bin of 1000', { unit: 'bin', box: [0, 0, 1000, 5] }],
    ['half a bin', { unit: 'bin', box: [0.5, 0, 10, 5] }],
    ['pixels called fractions', { unit: 'fraction', box: [34, 160, 597, 372] }],
    ['negative pixels', { unit: 'pixel', box: [-1, 0, 5, 5] }],
    ['corners in the wrong order', { unit: 'pixel', box: [50, 0, 5, 5] }],
    ['no area', { unit: 'fraction', box: [0.5, 0, 0.5, 1] }],
    ['not a number', { unit: 'pixel', box: [Number.NaN, 0, 5, 5] }],
    ['infinity', { unit: 'pixel', box: [0, 0, Number.POSITIVE_INFINITY, 5] }],
  ])('refuses %s', (_name, region) => {
    expect(() => toRegionParts(region)).toThrow(
      expect.objectContaining({ code: 'invalid_task_input', subject: 'region' }),
    )
  })
})

describe('resolveRegions', () => {
  const picture = { width: 100, height: 50 }

  it('clamps a region that reaches beyond an edge, as the reference does', () => {
    expect(resolveRegions([{ kind: 'region', box: [90, 40, 300, 300] }], picture)).toMatchObject([
      { token: '<loc_900>' },
      { token: '<loc_800>' },
      { token: '<loc_999>' },
      { token: '<loc_999>' },
    ])
  })

  it('refuses a region outside the picture', () => {
    expect(() => resolveRegions([{ kind: 'region', box: [100, 0, 300, 30] }], picture)).toThrow(
      'Expected a region on the picture of 100 x 50 pixels',
    )
  })

  it('leaves other parts as they are', () => {
    const prompt = [
      { kind: 'text', text: 'a' },
      { kind: 'token', token: '<loc_1>' },
    ] as const
    expect(resolveRegions(prompt, picture)).toEqual(prompt)
  })
})
