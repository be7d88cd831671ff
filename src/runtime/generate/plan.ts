// What a search is asked, what it tells while it runs, and what it found.
import type { FinishReason, GenerationOptions } from '../../caption/ports.ts'

/** The options that speak of tokens and numbers; texts are the caller's, who owns the tokenizer. */
export type SearchOptions = Omit<GenerationOptions, 'prefix' | 'stop'>

/** Ids with a part in the search, as config.json of the checkpoint names them. */
interface VocabularyFacts {
  /** `decoder_start_token_id`: the first token the decoder reads; no part of the answer. */
  readonly decoderStart: number
  /** `eos_token_id`: ends an answer. */
  readonly eos: number
  /** Where `eos_token_id` is a list: its other tokens, which end an answer as well. */
  readonly otherEos?: readonly number[] | undefined
  /** `forced_bos_token_id`: the only first token of an answer, where there is one. */
  readonly forcedBos: number | null
  /** `forced_eos_token_id`: the last token of an answer that the length limit cuts. */
  readonly forcedEos: number | null
}

export interface SearchPlan {
  readonly options: SearchOptions
  /**
   * Tokens that the answer begins with, after the forced BOS. Like `decoder_input_ids` of the
   * reference they do not count into `maxNewTokens` nor into the length penalty.
   */
  readonly prefix: readonly number[]
  readonly vocabulary: VocabularyFacts
  /** How many tokens the decoder can read; the last token of an answer is never read. */
  readonly maxPositions: number
}

export interface SearchHooks {
  /** Looked at before each step. */
  readonly signal?: AbortSignal
  /**
   * Tokens that have become certain to begin the first sequence of the result. The calls
   * concatenated are its `tokens`, nothing is ever taken back.
   */
  readonly onCertain?: (tokens: readonly number[]) => void
  /**
   * True ends a sequence with its newest token (`stop_text`). Asked of each beginning in turn, one
   * token longer each time, from the first token after the prefix on. It must answer from its
   * argument alone: the search may ask about other sequences between, and twice about the same.
   */
  readonly isComplete?: (tokens: readonly number[]) => boolean
}

export interface FoundSequence {
  /** The answer's ids: forced BOS and prefix included, the decoder start token not. */
  readonly tokens: readonly number[]
  /** Log-probability of each token under the model (float32); 0 for forced and prefix tokens. */
  readonly logProbs: readonly number[]
  /** Sum of `logProbs` over (generated tokens ** lengthPenalty), float32 as the reference has it. */
  readonly score: number
  readonly finishReason: FinishReason
}

/** The plan in the numbers that every part of the search needs. Lengths count the start token. */
export interface SearchTerms {
  readonly options: SearchOptions
  readonly vocabulary: VocabularyFacts
  /** What the reference counts as the decoder's prompt: all ids that are given, not found. */
  readonly prompt: readonly number[]
  /** `max_length` of the reference: no sequence grows longer. */
  readonly maxLength: number
}

/**
 * The terms of a valid plan. Without a prefix the forced BOS counts as generated, with one it
 * belongs to the prompt: both as `generate()` has it, with `decoder_input_ids` given or not.
 */
export function toSearchTerms(plan: SearchPlan): SearchTerms {
  const { options, vocabulary, prefix } = plan
  const bos = vocabulary.forcedBos === null ? [] : [vocabulary.forcedBos]
  const prompt =
    prefix.length === 0 ? [vocabulary.decoderStart] : [vocabulary.decoderStart, ...bos, ...prefix]
  return {
    options,
    vocabulary,
    prompt,
    maxLength: Math.min(prompt.length + options.maxNewTokens, plan.maxPositions + 1),
  }
}
