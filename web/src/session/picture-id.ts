// Numbers for pictures: no two alike in what a browser keeps, and later ones larger.

let last = 0

/** The time, so that it also differs from those of earlier visits; counted on where that stands still. */
export function nextPictureId(now = Date.now()): number {
  last = Math.max(last + 1, now)
  return last
}
