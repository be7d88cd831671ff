// The few generation options that clients of every dialect send, as the captioner takes them.
//
// Temperature and its kin are not among them: clients send them by habit, and FloCap's answer is
// the most probable one.
import {
  DEFAULT_GENERATION,
  MAX_STOP_CHARACTERS,
  MAX_STOP_TEXTS,
} from '../../caption/generation.ts'
import type { GenerationOptions } from '../../caption/ports.ts'

/** `maxNewTokens` counts the forced start and end tokens, which no client knows of. */
const FORCED_TOKENS = 2

/** Each beam costs decoding time; five still answer within a client's patience. */
const MAX_ANSWERS = 5

export interface ClientOptions {
  /** Tokens of the answer; absent, zero or negative means no limit of the client's own. */
  readonly maxTokens?: number | null | undefined
  /** How many answers; what the search cannot give is left out. */
  readonly answers?: number | null | undefined
  /** One text or a list; what the captioner does not take is left out: chat clients send many. */
  readonly stop?: string | readonly string[] | null | undefined
}

/** @param modelBeams beams of the model's own search, where its files name a number */
export function toGeneration(
  options: ClientOptions,
  modelBeams: number = DEFAULT_GENERATION.numBeams,
): Partial<GenerationOptions> {
  const maxTokens = options.maxTokens ?? 0
  const answers = Math.min(options.answers ?? 1, MAX_ANSWERS)
  const stop = [options.stop ?? []]
    .flat()
    .filter((text) => text !== '' && text.length <= MAX_STOP_CHARACTERS)
    .slice(0, MAX_STOP_TEXTS)
  return {
    ...(maxTokens > 0
      ? { maxNewTokens: Math.min(maxTokens + FORCED_TOKENS, DEFAULT_GENERATION.maxNewTokens) }
      : {}),
    ...(answers > 1 ? { numReturnSequences: answers } : {}),
    // More answers than beams need more beams.
    ...(answers > modelBeams ? { numBeams: answers } : {}),
    ...(stop.length > 0 ? { stop } : {}),
  }
}
