// The decoder graph of a compiled model, for the answers to one or several prompts.
import type { Manifest } from '../../compiled/manifest.ts'
import type { Session, Tensors } from '../session.ts'
import { createAppendingDecoder } from './appending-decoder.ts'
import type { AnswerDecoder } from './decoder.ts'
import { createSharedCacheDecoders } from './shared-cache-decoder.ts'

/**
 * Decoders at the start of their answers. All of them must be in use at the same time: they may wait
 * for each other. Each must be released when its answer is complete.
 *
 * @param caches the prefill graph's cross-attention cache of each prompt.
 * @param turn runs a step when the scheduler says so.
 */
export function createGraphDecoders(
  session: Session,
  manifest: Manifest,
  caches: readonly Tensors[],
  turn: <T>(work: () => Promise<T>) => Promise<T> = async (work) => work(),
): AnswerDecoder[] {
  if (manifest.decoderCache === 'shared') {
    return createSharedCacheDecoders(session, manifest, caches, turn)
  }
  return caches.map((cache) => {
    const decoder = createAppendingDecoder(session, manifest, cache)
    return {
      vocabularySize: decoder.vocabularySize,
      prime: async (tokens, k) => turn(() => decoder.prime(tokens, k)),
      step: async (rows, k) => turn(() => decoder.step(rows, k)),
      release: () => undefined,
    }
  })
}
