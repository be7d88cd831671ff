// The few generation options that clients of every dialect send, as the captioner takes them.
//
// Temperature and its kin are not among them: clients send them by habit, and FloCap's answer is
// the most probable one.
import { DEFAULT_GENERATION } from '../../caption/generation.ts'
import type { GenerationOptions } from '../../caption/ports.ts'

/** `maxNewTokens` counts the forced start and end tokens, which no client knows of. */
const FORCED_TOKENS = 2

export interface ClientOptions {
  /**
   * Tokens of the answer; absent, zero or negative means no limit of the client's own. Clients send
   * thousands by habit: an answer that needs more than the model's own limit ends with 'length'.
   */
  readonly maxTokens?: number | null | undefined
  /** How many answers. */
  readonly answers?: number | null | undefined
  /** One text or a list; a text without characters ends nothing. */
  readonly stop?: string | readonly string[] | null | undefined
}

/**
 * Of values that the schemas of the surfaces have checked.
 * @param modelBeams beams of the model's own search, where its files name a number
 */
export function toGeneration(
  options: ClientOptions,
  modelBeams: number = DEFAULT_GENERATION.numBeams,
): Partial<GenerationOptions> {
  const maxTokens = options.maxTokens ?? 0
  const answers = options.answers ?? 1
  const stop = [options.stop ?? []].flat().filter((text) => text !== '')
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
