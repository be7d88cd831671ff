// What a server does about a model that cannot be loaded: it stays up, says so, and tries again.
//
// Exiting would let whatever restarts it compile a broken model all day, and would show the page's
// reader nothing. A disk gets room, a file is mended, a network comes back without anybody here.
import type { ErrorCode, FlocapError } from '../base/errors.ts'

/** Short enough for somebody who mends it and waits. */
const FIRST_PAUSE_MS = 10_000
/** Long enough that compiling a hopeless model costs nothing worth mentioning. */
const LONGEST_PAUSE_MS = 10 * 60_000

/** Failures that only another command line ends. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'model_not_found',
  'model_access_denied',
  'invalid_setting',
  'device_unavailable',
  'cancelled',
])

export function isFinal({ code }: FlocapError): boolean {
  return FINAL.has(code)
}

/** Milliseconds before the next attempt. @param failures in a row so far, at least 1. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
}
