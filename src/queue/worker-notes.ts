// Workers announce themselves in the shared store, and are forgotten when they no longer do.
import { z } from 'zod'
import type { WorkerNote } from './ports.ts'
import type { SharedStore } from './shared-store.ts'

/** Three announcements may be late before a worker counts as gone. */
const NOTE_MS = 20_000
const PREFIX = 'worker:'

const workerNote = z.object({
  id: z.string(),
  model: z.string(),
  fingerprint: z.string(),
  kernels: z.string(),
  device: z.string(),
  places: z.number(),
  secondsEach: z.number().nullable(),
  draining: z.boolean(),
})

export async function announce(store: SharedStore, note: WorkerNote): Promise<void> {
  await store.put(PREFIX + note.id, JSON.stringify(note), NOTE_MS)
}

export async function withdraw(store: SharedStore, note: WorkerNote): Promise<void> {
  await store.remove(PREFIX + note.id)
}

export async function listWorkers(store: SharedStore): Promise<readonly WorkerNote[]> {
  const texts = await store.list(PREFIX)
  return texts.map((text) => workerNote.parse(JSON.parse(text)))
}
