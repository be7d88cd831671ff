// Which lane answers the lines of each batch that is under way: chosen once, and forgotten with the batch.
import type { Lane } from '../queue/ports.ts'

export interface BatchLanes {
  /** @param folder of the batch, where the choice is kept */
  of(batch: string, folder: string): Promise<Lane>
  /** The batch has ended. */
  forget(batch: string): void
  /** Batches that are known. */
  readonly size: number
}

/** @param choose what fails is chosen again for the next line */
export function createBatchLanes(choose: (folder: string) => Promise<Lane>): BatchLanes {
  const lanes = new Map<string, Promise<Lane>>()
  return {
    get size() {
      return lanes.size
    },
    of(batch, folder) {
      const known = lanes.get(batch)
      if (known !== undefined) return known
      const chosen = choose(folder)
      lanes.set(batch, chosen)
      chosen.catch(() => lanes.delete(batch))
      return chosen
    },
    forget: (batch) => void lanes.delete(batch),
  }
}
