import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cmykToRgb } from './cmyk.ts'

describe('cmykToRgb', () => {
  it.each([
    // cmyk, and what PIL.Image.new("CMYK", (1, 1), cmyk).convert("RGB") is
    [
      [0, 0, 0, 0],
      [255, 255, 255],
    ],
    [
      [0, 0, 0, 255],
      [0, 0, 0],
    ],
    [
      [255, 0, 0, 0],
      [0, 255, 255],
    ],
    [
      [12, 200, 99, 40],
      [205, 46, 132],
    ],
    [
      [128, 127, 1, 254],
      [0, 1, 1],
    ],
  ])('turns %j into %j, as Pillow does', (cmyk, rgb) => {
    expect([...cmykToRgb(Uint8Array.from(cmyk))]).toEqual(rgb)
  })

  it('multiplies light by what each ink leaves, within half a level', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(byte, byte, byte, byte, (c, m, y, k) => {
        const rgb = cmykToRgb(Uint8Array.of(c, m, y, k))
        for (const [i, ink] of [c, m, y].entries()) {
          const exact = ((255 - ink) * (255 - k)) / 255
          expect(Math.abs((rgb[i] ?? 0) - exact)).toBeLessThanOrEqual(0.5)
        }
      }),
    )
  })
})
