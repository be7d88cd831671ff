// How fast something grows, beneath the saw teeth of garbage collection.

export type Point = readonly [x: number, y: number]

/** Enough for a line, few enough that each holds several collections. */
const WINDOWS = 16

/** The slope of the line through the lowest point of each window: what no collection gives back. */
export function floorSlope(points: readonly Point[]): number {
  const size = Math.max(1, Math.floor(points.length / WINDOWS))
  const floors: Point[] = []
  for (let start = 0; start + size <= points.length; start += size) {
    const window = points.slice(start, start + size)
    floors.push(window.reduce((lowest, point) => (point[1] < lowest[1] ? point : lowest)))
  }
  return slope(floors)
}

/** Of the line that fits best (least squares). */
function slope(points: readonly Point[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const above = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0)
  return above / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0)
}
