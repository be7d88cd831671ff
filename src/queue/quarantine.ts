// What workers died over is not given to further ones for a day.
import type { SharedStore } from './shared-store.ts'

const QUARANTINE_MS = 24 * 3_600_000

/** @param sha256 of what was asked: the same on every front */
export async function quarantine(store: SharedStore, sha256: string): Promise<void> {
  await store.put(quarantineName(sha256), 'quarantined', QUARANTINE_MS)
}

export async function isQuarantined(store: SharedStore, sha256: string): Promise<boolean> {
  return (await store.get(quarantineName(sha256))) !== undefined
}

function quarantineName(sha256: string): string {
  return `quarantine:${sha256}`
}
