// The upright box around an outline, which findings of every form come down to.

/**
 * @param points x and y in turn, in pixels or any other unit; at least one point.
 * @returns left, top, right and bottom.
 */
export function boundsOf(points: readonly number[]): [number, number, number, number] {
  const xs = points.filter((_, index) => index % 2 === 0)
  const ys = points.filter((_, index) => index % 2 === 1)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}
