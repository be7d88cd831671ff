// Whether work takes time in proportion to its text, told without a clock on the wall: the computing
// that one large text takes, to that of the same text in many small pieces.

const PIECES = 100
/** Work that grows with the square of the text takes a hundred times as much in one piece. */
const MAX_RATIO = 20
/** Of computing: below this, compiling and collecting weigh more than the text. */
const FLOOR_MS = 100
const ATTEMPTS = 2

/** @param text of some 100 kB, the same kind all through; its pieces need not be whole. */
export function takesLinearTime(text: string, work: (text: string) => void): boolean {
  const size = Math.ceil(text.length / PIECES)
  const pieces = Array.from({ length: PIECES }, (_, i) => text.slice(i * size, (i + 1) * size))
  const inPieces = computingMs(() => pieces.forEach(work))
  const limit = Math.max(FLOOR_MS, MAX_RATIO * inPieces)
  let whole = Infinity
  // What else the process does may fall into one of them.
  for (let attempt = 0; attempt < ATTEMPTS && whole > limit; attempt += 1) {
    whole = Math.min(
      whole,
      computingMs(() => work(text)),
    )
  }
  return whole <= limit
}

/** Time on a core, not on the clock: other programs do not count. */
function computingMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
