// What the search needs of a decoder: feed tokens, get the most probable next tokens.
//
// A step has rows, one for each live beam. A row continues one row of the step before it (its
// parent), so the cache behind this interface may gather rows, mask a tree of them, or copy nothing.
import type { Share } from '../schedule/turns.ts'
import type { Tensors } from '../session.ts'

/** One beam of a step: its newest token and the row of the previous step that it continues. */
export interface DecoderRow {
  readonly token: number
  readonly parent: number
}

/**
 * For each row the `k` most probable next tokens, most probable first and equal ones by id: the
 * order of ONNX's TopK. The search gives equal scores to beams in this order.
 */
export interface StepResult {
  readonly k: number
  /** [rows, k] token ids. */
  readonly ids: Int32Array
  /** [rows, k] log-probabilities (log-softmax over the whole vocabulary, float32). */
  readonly logProbs: Float32Array
}

/** The decoder of one query: it remembers what it was fed. */
export interface StepDecoder {
  readonly vocabularySize: number
  /**
   * Feeds the first tokens of the answer as one chain; comes before any `step`. The result has one
   * row, for the last token. Its row is parent 0 of the next step.
   */
  prime(tokens: readonly number[], k: number): Promise<StepResult>
  /** Feeds one token per row. `k` is at most `vocabularySize`; it and the rows vary between steps. */
  step(rows: readonly DecoderRow[], k: number): Promise<StepResult>
}

/** A decoder that may share its steps with those of other answers. */
export interface AnswerDecoder extends StepDecoder {
  /** The answer is complete, or given up. Nothing of it may be in progress. */
  release(): void
}

/** Whom an answer is for. */
export interface Requester {
  /** Its place among those who compute. */
  readonly share: Share
  /** Milliseconds that a step with its answers took. */
  readonly spend: (milliseconds: number) => void
}

/** A model's decoders. */
export interface AnswerDecoders {
  /**
   * A decoder at the start of its answer.
   *
   * @param cross the prefill graph's cross-attention cache of one prompt.
   * @param requester nobody's time is counted without one.
   */
  begin(cross: Tensors, requester?: Requester): AnswerDecoder
}
