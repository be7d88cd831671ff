// Workers announce themselves in the shared store, and are forgotten when they no longer do.
import { z } from 'zod'
import type { WorkerNote } from './ports.ts'
import type { SharedStore } from './shared-store.ts'

/** Three announcements may be late before a worker counts as gone. */
const NOTE_MS = 20_000
const PREFIX = 'worker:'

/** More than any machine has; a number that is only claimed must not count for more. */
const MAX_PLACES = 1_024
const Name = z.string().max(200)
/** Of a way of computing; queues are named by it. */
const LanePart = z.string().regex(/^[\w.-]{1,100}$/)

const workerNote = z.object({
  id: Name,
  model: Name,
  fingerprint: LanePart,
  kernels: LanePart,
  device: Name,
  places: z.int().min(1).max(MAX_PLACES),
  secondsEach: z.number().nonnegative().nullable(),
  draining: z.boolean(),
})

export async function announce(store: SharedStore, note: WorkerNote): Promise<void> {
  await store.put(PREFIX + note.id, JSON.stringify(note), NOTE_MS)
}

export async function withdraw(store: SharedStore, note: WorkerNote): Promise<void> {
  await store.remove(PREFIX + note.id)
}

/** What is no note, of another version or of somebody else who writes to the broker, hides no worker. */
export async function listWorkers(store: SharedStore): Promise<readonly WorkerNote[]> {
  const texts = await store.list(PREFIX)
  return texts.flatMap((text) => readNote(text) ?? [])
}

function readNote(text: string): WorkerNote | undefined {
  try {
    return workerNote.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
