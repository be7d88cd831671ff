// Remembers pictures that killed engines. A picture counts as the killer only when nothing else was
// being worked on; two such deaths without an answer between them, and it is refused for a while.
import { createHash } from 'node:crypto'
import { FlocapError } from '../base/errors.ts'

/** The first death may be chance: a kill from outside, a moment without memory. */
const DEATHS_TO_REJECT = 2
/** Long enough that a client which repeats itself cannot keep engines from working. */
const REMEMBER_MS = 10 * 60 * 1000
/** Each takes some hundred bytes; the oldest are forgotten first. */
const MAX_REMEMBERED = 1_000

export interface Poison {
  /** @throws FlocapError image_rejected for a picture that has killed too often. */
  assertAccepted(picture: Uint8Array): void
  /** An engine died over this picture alone. @returns whether the picture is refused from now on. */
  blame(picture: Uint8Array): boolean
  /** It was answered: an earlier death was chance. */
  acquit(picture: Uint8Array): void
}

/** @param now milliseconds; tests pass a clock of their own. */
export function createPoison(now: () => number = () => performance.now()): Poison {
  const blamed = new Map<string, { deaths: number; readonly until: number }>()

  function forgetOld(): void {
    // In the order of insertion, which is that of their ends.
    for (const [hash, { until }] of blamed) {
      if (until > now() && blamed.size <= MAX_REMEMBERED) return
      blamed.delete(hash)
    }
  }

  return {
    assertAccepted(picture) {
      forgetOld()
      // Nearly always: then no picture needs to be hashed.
      if (blamed.size === 0) return
      if ((blamed.get(hashOf(picture))?.deaths ?? 0) >= DEATHS_TO_REJECT) throw rejected()
    },
    acquit(picture) {
      if (blamed.size > 0) blamed.delete(hashOf(picture))
    },
    blame(picture) {
      const hash = hashOf(picture)
      const deaths = (blamed.get(hash)?.deaths ?? 0) + 1
      blamed.delete(hash)
      blamed.set(hash, { deaths, until: now() + REMEMBER_MS })
      forgetOld()
      return deaths >= DEATHS_TO_REJECT
    },
  }
}

export function rejected(): FlocapError {
  return new FlocapError('image_rejected', 'This image ended the engine process more than once.', {
    hint: 'Save it anew with an image editor, or try another image.',
    subject: 'image',
  })
}

function hashOf(picture: Uint8Array): string {
  return createHash('sha256').update(picture).digest('base64')
}
