// The order in which people read pieces of text on a picture: lines from the top, each from the left.
//
// The model mostly gives this order already, but not on signs, labels and screens. Columns of
// running text are read across: at the model's resolution they are rare, receipts and tables are not.
import { boundsOf } from './bounds.ts'
import type { LabelledQuad } from './task-data.ts'

interface Placed {
  readonly quad: LabelledQuad
  readonly left: number
  readonly top: number
  readonly bottom: number
}

/**
 * Lines of quads. A quad belongs to the line above it when its vertical middle lies within that
 * line's first quad and the other way round, so that a headline does not swallow small print.
 */
export function toReadingLines(
  quads: readonly LabelledQuad[],
): readonly (readonly LabelledQuad[])[] {
  const placed = quads.map(place).toSorted((a, b) => middle(a) - middle(b))
  const lines: Placed[][] = []
  for (const quad of placed) {
    const line = lines.at(-1)
    const first = line?.[0]
    if (line !== undefined && first !== undefined && isOnLine(first, quad)) line.push(quad)
    else lines.push([quad])
  }
  return lines.map((line) => line.toSorted((a, b) => a.left - b.left).map(({ quad }) => quad))
}

function place(quad: LabelledQuad): Placed {
  const [left, top, , bottom] = boundsOf(quad.quad)
  return { quad, left, top, bottom }
}

function middle({ top, bottom }: Placed): number {
  return (top + bottom) / 2
}

function isOnLine(first: Placed, other: Placed): boolean {
  return isWithin(middle(first), other) && isWithin(middle(other), first)
}

function isWithin(y: number, { top, bottom }: Placed): boolean {
  return y >= top && y <= bottom
}
