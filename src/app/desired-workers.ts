// How many workers would answer what is left of all batches in good time: for autoscalers.
import type { WorkerNote } from '../queue/ports.ts'

/** New workers load their model for a minute: they shall have something to do for much longer. */
const TARGET_SECONDS = 3_600

/**
 * @param linesLeft of all open batches
 * @param workers those that are there; before one of them has answered a line its speed is not known
 */
export function desiredWorkers(linesLeft: number, workers: readonly WorkerNote[]): number {
  if (linesLeft <= 0) return 0
  const rates = workers.flatMap(({ places, secondsEach }) =>
    secondsEach === null || secondsEach <= 0 ? [] : [places / secondsEach],
  )
  // One tells how fast one is.
  if (rates.length === 0) return Math.max(1, workers.length)
  const linesPerSecond = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  return Math.ceil(linesLeft / (linesPerSecond * TARGET_SECONDS))
}
