// A front that no longer wants a job says so beside it: BullMQ itself stops only what runs in the same process.
import type { SharedStore } from './shared-store.ts'

/** Longer than any line runs. */
const CANCELLED_MS = 3_600_000

export async function markCancelled(store: SharedStore, id: string): Promise<void> {
  await store.put(markName(id), 'cancelled', CANCELLED_MS)
}

/** So that a line that is asked once more is run. */
export async function unmarkCancelled(store: SharedStore, id: string): Promise<void> {
  await store.remove(markName(id))
}

export async function isCancelled(store: SharedStore, id: string): Promise<boolean> {
  return (await store.get(markName(id))) !== undefined
}

function markName(id: string): string {
  return `cancelled:${id}`
}
