// The few generation options that clients of every dialect send, as the captioner takes them.
//
// Temperature and its kin are not among them: clients send them by habit, and FloCap's answer is
// the most probable one.
import type { GenerationOptions } from '../caption/ports.ts'

/** Florence-2's own limit of answer positions. */
const MAX_ANSWER_TOKENS = 1024

/** `maxNewTokens` counts the forced start and end tokens, which no client knows of. */
const FORCED_TOKENS = 2

/** The beam width of the reference; more answers than beams need more beams. */
const REFERENCE_BEAMS = 3

/** Each beam costs decoding time; five still answer within a client's patience. */
const MAX_ANSWERS = 5

export interface ClientOptions {
  /** Tokens of the answer; absent, zero or negative means no limit of the client's own. */
  readonly maxTokens?: number | null | undefined
  /** How many answers; what the search cannot give is left out. */
  readonly answers?: number | null | undefined
  readonly stop?: readonly string[] | undefined
}

export function toGeneration(options: ClientOptions): Partial<GenerationOptions> {
  const maxTokens = options.maxTokens ?? 0
  const answers = Math.min(options.answers ?? 1, MAX_ANSWERS)
  const stop = (options.stop ?? []).filter((text) => text !== '')
  return {
    ...(maxTokens > 0
      ? { maxNewTokens: Math.min(maxTokens + FORCED_TOKENS, MAX_ANSWER_TOKENS) }
      : {}),
    ...(answers > 1 ? { numReturnSequences: answers } : {}),
    ...(answers > REFERENCE_BEAMS ? { numBeams: answers } : {}),
    ...(stop.length > 0 ? { stop } : {}),
  }
}
