import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../../test/support/caught-error.ts'
import { assertWithinLimits, DEFAULT_PICTURE_LIMITS } from './limits.ts'

const check = (width: number, height: number) => () => {
  assertWithinLimits('png', width, height, DEFAULT_PICTURE_LIMITS)
}

describe('assertWithinLimits', () => {
  it('lets a 50-megapixel camera and a long screenshot through', () => {
    expect(check(8192, 6100)).not.toThrow()
    expect(check(1080, 16_384)).not.toThrow()
  })

  it('refuses too many pixels and says both numbers', async () => {
    const error = await caughtError(check(10_000, 5001))
    expect(error.code).toBe('image_too_large')
    expect(error.message).toMatch(/50000000 pixels.*10000x5001/)
  })

  it('refuses a side that is too long even when the pixels are few', () => {
    expect(check(16_385, 1)).toThrow(expect.objectContaining({ code: 'image_too_large' }))
    expect(check(1, 16_385)).toThrow(expect.objectContaining({ code: 'image_too_large' }))
  })

  it.each([
    [0, 5],
    [5, 0],
    [-3, 5],
    [Number.NaN, 5],
  ])('calls a header that announces %dx%d damaged', (width, height) => {
    expect(check(width, height)).toThrow(expect.objectContaining({ code: 'invalid_image' }))
  })
})
