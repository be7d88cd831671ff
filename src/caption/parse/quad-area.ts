// The area of a quadrilateral, right and as the reference computes it.

/**
 * Area in square pixels of four corners given as x and y in turn (shoelace formula). `open` leaves
 * out the edge from the last corner back to the first, as the reference does by mistake.
 */
export function quadArea(quad: readonly number[], edges: 'closed' | 'open' = 'closed'): number {
  const count = quad.length / 2
  let sum = 0
  for (let corner = 0; corner < count - (edges === 'open' ? 1 : 0); corner += 1) {
    const next = (corner + 1) % count
    const [x1 = 0, y1 = 0] = quad.slice(2 * corner)
    const [x2 = 0, y2 = 0] = quad.slice(2 * next)
    sum += x1 * y2 - x2 * y1
  }
  return 0.5 * Math.abs(sum)
}
