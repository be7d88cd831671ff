// A file that is being copied or written grows: it counts when nothing about it has changed for a while.
// Its times prove nothing, because programs that copy keep those of the original.
import type { Stamp } from '../inputs/picture-file.ts'

export interface Settler {
  /** What a file is like at a moment, in ms of any clock that never goes back. */
  observe(path: string, stamp: Stamp, nowMs: number): void
  /** It is not there any more. */
  forget(path: string): void
  /** Takes those out that have not changed for long enough. */
  takeStill(nowMs: number): readonly string[]
  readonly waiting: ReadonlySet<string>
}

interface Waiting {
  readonly stamp: Stamp
  readonly sinceMs: number
}

export function createSettler(stillMs: number): Settler {
  const files = new Map<string, Waiting>()
  return {
    observe(path, stamp, nowMs) {
      const before = files.get(path)
      if (before !== undefined && isSameStamp(before.stamp, stamp)) return
      files.set(path, { stamp, sinceMs: nowMs })
    },
    forget: (path) => void files.delete(path),
    takeStill(nowMs) {
      const still = [...files].filter(([, { sinceMs }]) => nowMs - sinceMs >= stillMs)
      for (const [path] of still) files.delete(path)
      return still.map(([path]) => path)
    },
    get waiting() {
      return new Set(files.keys())
    },
  }
}

export function isSameStamp(one: Stamp | undefined, other: Stamp): boolean {
  return one?.size === other.size && one.mtimeMs === other.mtimeMs
}
