// Where a line of text that was read has to be written to lie over its picture.
import type { Finding } from '../../../src/caption/findings.ts'

export interface TextPlace {
  readonly text: string
  /** Left end of the base line, in pixels of the picture. */
  readonly x: number
  readonly y: number
  /** Of the line and of its letters. */
  readonly length: number
  readonly height: number
  /** Degrees, clockwise. */
  readonly angle: number
}

/** Most letters stand on the base line, which is above the lower edge of the box by about this share. */
const DESCENT = 0.2

/** Of findings with four corners: upper left, upper right, lower right, lower left as one reads. */
export function textPlaces(findings: readonly Finding[]): readonly TextPlace[] {
  return findings.flatMap(({ label, outlines: [corners = []] }) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, , , x4, y4] = corners
    if (x4 === undefined || y4 === undefined || label === '') return []
    const length = Math.hypot(x2 - x1, y2 - y1)
    const height = Math.hypot(x4 - x1, y4 - y1)
    if (length === 0 || height === 0) return []
    const up = DESCENT
    return {
      text: label,
      x: x4 + (x1 - x4) * up,
      y: y4 + (y1 - y4) * up,
      length,
      height,
      angle: (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI,
    }
  })
}
