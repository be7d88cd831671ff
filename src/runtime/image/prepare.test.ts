import { describe, expect, it } from 'vitest'
import { PICTURES, readPicture, sha256 } from '../../../test/support/picture-fixtures.ts'
import type { PicturePreparation } from '../../compiled/picture.ts'
import { decodePicture } from './decode/decode.ts'
import { toPixelValues } from './normalise.ts'
import { preparePicture } from './prepare.ts'
import { resizeBicubic } from './resize/resize.ts'

const SPEC: PicturePreparation = {
  width: 96,
  height: 64,
  resize: { width: 96, height: 64 },
  resample: 3,
  rescaleFactor: 0.00392156862745098,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
}

describe('preparePicture', () => {
  it('gives three planes of the size that the model wants', async () => {
    const prepared = await preparePicture(readPicture('jpg-420.jpg'), SPEC, {
      applyOrientation: true,
    })
    expect(prepared.pixelValues).toHaveLength(3 * 96 * 64)
    expect(prepared).toMatchObject({ width: 41, height: 31, format: 'jpeg' })
    const [least, most] = [Math.min(...prepared.pixelValues), Math.max(...prepared.pixelValues)]
    expect(least).toBeGreaterThanOrEqual(-2.118)
    expect(most).toBeLessThanOrEqual(2.6401)
  })

  it('tells the size after orientation, and turns before it resizes', async () => {
    const bytes = readPicture('jpg-orientation-6.jpg')
    const turned = await preparePicture(bytes, SPEC, { applyOrientation: true })
    const stored = await preparePicture(bytes, SPEC, { applyOrientation: false })
    expect([turned.width, turned.height]).toEqual([31, 41])
    expect([stored.width, stored.height]).toEqual([41, 31])
    expect(turned.pixelValues).not.toEqual(stored.pixelValues)
  })

  it.each([
    'jpg-orientation-3.jpg',
    'jpg-orientation-6.jpg',
    'jpg-orientation-7.jpg',
    'tiff-rgb-orientation-6.tiff',
  ])('gives the same values for %s as for the picture turned beforehand', async (name) => {
    const { data, width, height } = await decodePicture(readPicture(name), {
      applyOrientation: true,
    })
    const resized = resizeBicubic({ data, width, height }, SPEC.width, SPEC.height)
    const prepared = await preparePicture(readPicture(name), SPEC, { applyOrientation: true })
    expect(prepared.pixelValues).toEqual(toPixelValues(resized.data, SPEC))
  })

  it('leaves pixels alone when the picture has the right size already', async () => {
    const spec: PicturePreparation = {
      ...SPEC,
      width: 41,
      height: 31,
      resize: { width: 41, height: 31 },
      rescaleFactor: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    }
    const { pixelValues } = await preparePicture(readPicture('png-rgb-8.png'), spec, {
      applyOrientation: true,
    })
    const pixels = Uint8Array.from(
      { length: pixelValues.length },
      (_, i) => pixelValues[(i % 3) * 41 * 31 + Math.floor(i / 3)] ?? 0,
    )
    expect(sha256(pixels)).toBe(PICTURES['png-rgb-8.png']?.rgb)
    const picture = await decodePicture(readPicture('png-rgb-8.png'), { applyOrientation: true })
    expect(picture.data).toEqual(pixels)
  })

  it('passes refusals on', async () => {
    await expect(
      preparePicture(Buffer.from('no picture'), SPEC, { applyOrientation: true }),
    ).rejects.toMatchObject({ code: 'unsupported_image_format' })
  })
})
