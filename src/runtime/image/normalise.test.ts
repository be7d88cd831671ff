import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toPixelValues } from './normalise.ts'

const FLORENCE = {
  rescaleFactor: 0.00392156862745098,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const

describe('toPixelValues', () => {
  it('puts the channels into planes', () => {
    const plain = { rescaleFactor: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const
    expect([...toPixelValues(Uint8Array.of(1, 2, 3, 4, 5, 6), plain)]).toEqual([1, 4, 2, 5, 3, 6])
  })

  it('gives white the values of the reference', () => {
    const [red = 0, green = 0, blue = 0] = toPixelValues(Uint8Array.of(255, 255, 255), FLORENCE)
    expect((red + green + blue) / 3).toBeCloseTo(2.43916, 5)
  })

  it('rounds after each step as numpy does with float32 arrays', () => {
    const positive = fc.double({ min: 0.01, max: 2, noNaN: true })
    const three = fc.tuple(positive, positive, positive)
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 3, maxLength: 3 }),
        positive,
        three,
        three,
        (rgb, rescaleFactor, mean, std) => {
          const step = new Float32Array(1)
          const rounded = (value: number): number => {
            step[0] = value
            return step[0] ?? 0
          }
          const expected = [...rgb].map((byte, i) =>
            rounded(
              rounded(rounded(byte * rescaleFactor) - rounded(mean[i] ?? 0)) / rounded(std[i] ?? 1),
            ),
          )
          expect([...toPixelValues(rgb, { rescaleFactor, mean, std })]).toEqual(expected)
        },
      ),
    )
  })
})
