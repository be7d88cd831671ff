import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../../test/support/caught-error.ts'
import { assertWithinLimits, DEFAULT_PICTURE_LIMITS } from './limits.ts'

const check =
  (width: number, height: number, limits = DEFAULT_PICTURE_LIMITS) =>
  () => {
    assertWithinLimits('png', width, height, limits)
  }

describe('assertWithinLimits', () => {
  it.each([
    ['a sensor of 50 megapixels', 8192, 6144],
    ['another', 8160, 6144],
    ['one of 64', 9248, 6944],
    ['one of 108', 12_032, 9024],
    ['a comic strip', 800, 15_000],
    ['a screenshot of a chat', 1080, 60_000],
    ['the longest side that a JPEG can have', 65_535, 1],
  ])('lets %s through', (_, width, height) => {
    expect(check(width, height)).not.toThrow()
  })

  it('refuses too many pixels, says both numbers and names the setting', async () => {
    const error = await caughtError(check(16_320, 12_240))
    expect(error.code).toBe('image_too_large')
    expect(error.message).toBe(
      'Expected a picture of at most 120 megapixels, but the PNG file has 16320x12240 (199.8 megapixels).',
    )
    expect(error.hint).toContain('--max-megapixels')
  })

  it('refuses by a pixel, and never with two equal numbers', async () => {
    const limits = { ...DEFAULT_PICTURE_LIMITS, maxPixels: 1_000_000 }
    expect(check(1000, 1000, limits)).not.toThrow()
    const { message } = await caughtError(check(1001, 1000, limits))
    expect(message).toContain(
      'at most 1 megapixels, but the PNG file has 1001x1000 (1.1 megapixels)',
    )
  })

  it('refuses a side that is too long even when the pixels are few', async () => {
    expect((await caughtError(check(1, 65_536))).code).toBe('image_too_large')
    expect((await caughtError(check(65_536, 1))).message).toBe(
      'Expected a picture of at most 65535 pixels a side, but the PNG file has 65536x1.',
    )
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
