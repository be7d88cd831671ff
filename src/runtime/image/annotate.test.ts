import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../test/support/caught-error.ts'
import { createNoise } from '../../../test/support/picture-fixtures.ts'
import { renderOverlay } from '../../caption/overlay.ts'
import { renderAnnotated } from './annotate.ts'
import { decodePicture } from './decode/decode.ts'

const PICTURE = { width: 60, height: 40, data: createNoise(60, 40) }

function svg(content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40">${content}</svg>`
}

async function annotated(content: string) {
  const png = await renderAnnotated(PICTURE, svg(content))
  return decodePicture(png, { applyOrientation: true })
}

function pixel(data: Uint8Array, x: number, y: number): number[] {
  const at = (y * 60 + x) * 3
  return [...data.subarray(at, at + 3)]
}

describe('renderAnnotated', () => {
  it('draws the overlay and leaves the rest of the picture as it was', async () => {
    const { width, height, format, data } = await annotated(
      '<rect x="10" y="10" width="20" height="15" fill="#00ff00"/>',
    )
    expect({ width, height, format }).toEqual({ width: 60, height: 40, format: 'png' })
    expect(pixel(data, 15, 12)).toEqual([0, 255, 0])
    for (let y = 0; y < 40; y += 1) {
      for (let x = 0; x < 60; x += 1) {
        const inside = x >= 10 && x < 30 && y >= 10 && y < 25
        expect(pixel(data, x, y)).toEqual(inside ? [0, 255, 0] : pixel(PICTURE.data, x, y))
      }
    }
  })

  it('blends what is half transparent', async () => {
    const { data } = await annotated(
      '<rect width="60" height="40" fill="#ffffff" fill-opacity="0.5"/>',
    )
    const [before = 0] = pixel(PICTURE.data, 30, 20)
    const [after = 0] = pixel(data, 30, 20)
    expect(Math.abs(after - (before + 255) / 2)).toBeLessThanOrEqual(1.5)
  })

  it('draws a preview as a JPEG of at most 1024 pixels, labels and all', async () => {
    const [width, height] = [2400, 600]
    const large = { width, height, data: new Uint8Array(width * height * 3) }
    const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="1200" height="600" fill="#ffffff"/></svg>`
    const file = await renderAnnotated(large, overlay, 'preview')
    const drawn = await decodePicture(file, { applyOrientation: true })
    expect(drawn).toMatchObject({ format: 'jpeg', width: 1024, height: 256 })
    // White on the left half, black on the right one.
    expect(drawn.data[0]).toBeGreaterThan(250)
    expect(drawn.data.at(-1)).toBeLessThan(5)
    const small = await decodePicture(await renderAnnotated(PICTURE, svg(''), 'preview'), {
      applyOrientation: true,
    })
    expect(small).toMatchObject({ width: 60, height: 40 })
  })

  it('draws a thumbnail as a WebP of at most 192 pixels, an overlay or none', async () => {
    const [width, height] = [400, 1200]
    const large = { width, height, data: new Uint8Array(width * height * 3).fill(255) }
    const drawn = await decodePicture(await renderAnnotated(large, '', 'thumbnail'), {
      applyOrientation: true,
    })
    expect(drawn).toMatchObject({ format: 'webp', width: 64, height: 192 })
    expect(drawn.data[0]).toBeGreaterThan(250)
  })

  it.each([
    [
      'larger than memory',
      '<svg xmlns="http://www.w3.org/2000/svg" width="2000000000" height="9"/>',
    ],
    ['smaller', '<svg xmlns="http://www.w3.org/2000/svg" width="59" height="40"/>'],
  ])('refuses an overlay that is %s', async (_, overlay) => {
    const error = await caughtError(() => renderAnnotated(PICTURE, overlay))
    expect(error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/a picture of 60 x 40 pixels, got (?:2000000000 x 9|59 x 40)/),
    })
  })

  it('draws places that are anywhere at all', async () => {
    const found = [1e308, -1e308, 1e9, 0, 30].map((at) => ({
      label: `at ${at}`,
      box: [at, at, 5, at] as const,
    }))
    const overlay = renderOverlay({ kind: 'boxes', boxes: found }, PICTURE)
    await expect(renderAnnotated(PICTURE, overlay)).resolves.toBeDefined()
  })

  it('gives the same picture back under an empty overlay', async () => {
    expect((await annotated('')).data).toEqual(PICTURE.data)
  })
})
