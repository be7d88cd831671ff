// The decoder graph of a compiled model, for the answers to all prompts.
import type { Manifest } from '../../compiled/manifest.ts'
import { createTurns, type Turns } from '../schedule/turns.ts'
import type { Session } from '../session.ts'
import { createAppendingDecoder } from './appending-decoder.ts'
import type { AnswerDecoders } from './decoder.ts'
import { createSharedCacheDecoders } from './shared-cache-decoder.ts'

/** @param turns says when a step may be run; without it steps run as they are asked for. */
export function createGraphDecoders(
  session: Session,
  manifest: Manifest,
  turns: Turns = createTurns(),
): AnswerDecoders {
  if (manifest.decoderCache === 'shared') {
    return createSharedCacheDecoders(session, manifest, turns)
  }
  return {
    begin(cross, requester) {
      const share = requester?.share ?? turns.join()
      const decoder = createAppendingDecoder(session, manifest, cross)
      const step = async <T>(work: () => Promise<T>): Promise<T> =>
        turns.run(share, true, async () => {
          const began = performance.now()
          try {
            return await work()
          } finally {
            requester?.spend(performance.now() - began)
          }
        })
      return {
        vocabularySize: decoder.vocabularySize,
        prime: async (tokens, k) => step(() => decoder.prime(tokens, k)),
        step: async (rows, k) => step(() => decoder.step(rows, k)),
        release: () => undefined,
      }
    },
  }
}
