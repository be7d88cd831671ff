// What a job asks, beside the job itself: pictures are large, and a job is looked at often.
import { createHash } from 'node:crypto'
import type { SharedStore } from './shared-store.ts'

/** Longer than a job of a living front waits without being put there again. */
export const PAYLOAD_MS = 2 * 3_600_000

/** @returns SHA-256 in hexadecimal */
export function digestOf(payload: string): string {
  return createHash('sha256').update(payload).digest('hex')
}

export async function putPayload(store: SharedStore, id: string, payload: string): Promise<void> {
  await store.put(payloadName(id), payload, PAYLOAD_MS)
}

/** @returns undefined when it is gone, or is not what its front put there */
export async function readPayload(
  store: SharedStore,
  id: string,
  sha256: string,
): Promise<string | undefined> {
  const payload = await store.get(payloadName(id))
  return payload !== undefined && digestOf(payload) === sha256 ? payload : undefined
}

export async function removePayload(store: SharedStore, id: string): Promise<void> {
  await store.remove(payloadName(id))
}

function payloadName(id: string): string {
  return `payload:${id}`
}
