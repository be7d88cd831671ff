// Keys by which a later run knows that it asks the same thing.
import { createHash } from 'node:crypto'
import type { Question } from '../ask/questions.ts'

/** Enough that no two questions of a journal share one. */
const DIGITS = 16

/** @param value JSON; members in the order in which they were made. */
export function toKey(value: unknown): string {
  return sha256(JSON.stringify(value)).slice(0, DIGITS)
}

/**
 * What an answer depends on beside its picture.
 * @param model as of `CaptionSource.identify`.
 */
export function questionKey(model: string, question: Question): string {
  return toKey([model, question])
}

/** In hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
