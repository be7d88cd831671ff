// How a model comes, told in order: several engines and repeated attempts say the same things again.
import type { Progress } from './options.ts'

const STAGES: readonly Progress['stage'][] = ['download', 'compile', 'load']

/** @returns passes on what is further than all before it, until it is told to stop. */
export function createProgressTeller(onProgress: (progress: Progress) => void): {
  readonly tell: (progress: Progress) => void
  readonly stop: () => void
} {
  let furthest = -1
  const tell = (progress: Progress): void => {
    const place = STAGES.indexOf(progress.stage) + (progress.fraction ?? 0) / 2
    const isFirst = furthest < STAGES.indexOf(progress.stage)
    if (!isFirst && place <= furthest) return
    furthest = place
    onProgress(progress)
  }
  return {
    tell,
    stop: () => {
      furthest = STAGES.length
    },
  }
}
