import { describe, expect, it } from 'vitest'
import {
  boxIou,
  type Detection,
  editDistance,
  maskIou,
  meanAveragePrecision,
  median,
  Rate,
} from './metrics.ts'

describe('boxIou', () => {
  it('is 1 for the same box and 0 for boxes that only touch', () => {
    expect(boxIou([0, 0, 4, 2], [0, 0, 4, 2])).toBe(1)
    expect(boxIou([0, 0, 4, 2], [4, 0, 8, 2])).toBe(0)
  })

  it('is the shared area over the covered one', () => {
    expect(boxIou([0, 0, 4, 2], [2, 0, 6, 2])).toBeCloseTo(1 / 3)
  })
})

describe('meanAveragePrecision', () => {
  const box = [0, 0, 10, 10] as const
  const elsewhere = [50, 50, 60, 60] as const
  const truth = (picture: number, label = 'dog'): Omit<Detection, 'confidence'> => ({
    picture,
    label,
    box,
  })
  const found = (
    picture: number,
    confidence: number,
    over: Partial<Detection> = {},
  ): Detection => ({
    ...truth(picture),
    confidence,
    ...over,
  })

  it('is 1 when everything is found and nothing else', () => {
    expect(meanAveragePrecision([found(0, 0.5), found(1, 0.9)], [truth(0), truth(1)], 0.5)).toBe(1)
  })

  it('forgives a mistake that the model was less sure of', () => {
    const mistake = found(0, 0.1, { box: elsewhere })
    expect(meanAveragePrecision([mistake, found(0, 0.9)], [truth(0)], 0.5)).toBe(1)
    const sure = found(0, 0.95, { box: elsewhere })
    expect(meanAveragePrecision([sure, found(0, 0.9)], [truth(0)], 0.5)).toBe(0.5)
  })

  it('counts a thing that was found twice once', () => {
    const truths = [truth(0), truth(1)]
    expect(meanAveragePrecision([found(0, 0.9), found(0, 0.8)], truths, 0.5)).toBe(0.5)
  })

  it('is the mean over labels, those never found included', () => {
    expect(meanAveragePrecision([found(0, 0.9)], [truth(0), truth(0, 'cat')], 0.5)).toBe(0.5)
  })
})

describe('editDistance', () => {
  it.each([
    ['STOP', 'STOP', 0],
    ['STOP', 'SHOP', 1],
    ['STOP', 'TOP', 1],
    ['', 'STOP', 4],
    ['KITTEN', 'SITTING', 3],
  ])('of %o and %o is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
    expect(editDistance(b, a)).toBe(distance)
  })
})

describe('maskIou', () => {
  /** The left half of a picture, on a grid of 4 x 4. */
  const mask = { size: [4, 4] as [number, number], counts: [0, 8, 8] }
  const picture = { width: 40, height: 40 }

  it('is 1 for the outline of the mask', () => {
    expect(maskIou(mask, [[0, 0, 20, 0, 20, 40, 0, 40]], picture)).toBe(1)
  })

  it('counts the cells on which mask and outlines agree', () => {
    expect(maskIou(mask, [[0, 0, 40, 0, 40, 40, 0, 40]], picture)).toBe(0.5)
    expect(maskIou(mask, [[0, 0, 20, 0, 20, 20, 0, 20]], picture)).toBe(0.5)
  })

  it('is 0 without an outline', () => {
    expect(maskIou(mask, [], picture)).toBe(0)
  })

  it('reads the mask down its columns', () => {
    const first = { size: [2, 2] as [number, number], counts: [0, 1, 3] }
    expect(maskIou(first, [[0, 0, 20, 0, 20, 20, 0, 20]], picture)).toBe(1)
    const second = { size: [2, 2] as [number, number], counts: [1, 1, 2] }
    expect(maskIou(second, [[0, 20, 20, 20, 20, 40, 0, 40]], picture)).toBe(1)
  })
})

describe('Rate', () => {
  it('adds up trials and is unknown without any', () => {
    const rate = new Rate()
    expect(rate.rate).toBeNaN()
    rate.add(true)
    rate.add(1, 3)
    expect(rate.rate).toBe(0.5)
  })
})

it('median takes the middle one', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([])).toBeNaN()
})
