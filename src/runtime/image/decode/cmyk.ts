// CMYK to RGB by Pillow's formula, which knows no ink and no profile: plain multiplication.

/**
 * @param cmyk [pixels, 4], 255 is full ink
 * @returns [pixels, 3]
 */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3)
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const light = 255 - (cmyk[from + 3] ?? 0)
    rgb[to] = light - scaled(cmyk[from] ?? 0, light)
    rgb[to + 1] = light - scaled(cmyk[from + 1] ?? 0, light)
    rgb[to + 2] = light - scaled(cmyk[from + 2] ?? 0, light)
  }
  return rgb
}

/** a * b / 255, rounded, in the integer form that Pillow uses everywhere. */
function scaled(a: number, b: number): number {
  const product = a * b + 128
  return ((product >> 8) + product) >> 8
}
