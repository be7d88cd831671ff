// Reads a model's answer: from decoded text with control tokens to labels and pixels.
//
// `fixed`      what an answer means; the default
// `reference`  exactly what Microsoft's own processing_florence2.py makes of it, faults included
// `native`     exactly what the Florence-2 processor inside transformers makes of it
// The differences are listed in docs/reference/answer-parsing.md.
import type { TextLayout } from '../clean-text.ts'
import type { PictureSize } from '../ports.ts'
import type { TaskData } from '../task-data.ts'
import type { AnswerGrammar } from '../tasks.ts'
import type { ScorePlaces } from '../token-scores.ts'
import { parseFixed } from './fixed.ts'
import { NATIVE, REFERENCE, parseReference } from './reference.ts'

export type ParseMode = 'fixed' | 'reference' | 'native'

export interface ParseOptions {
  /** Default `fixed`. */
  readonly mode?: ParseMode
  /**
   * Quads below this share of the picture are dropped, 0 to 1. Default 0.01 for `reference`, as in
   * June 2024 (it became 0 on 2024-07-19), and 0 for the other modes.
   */
  readonly ocrAreaThreshold?: number
  /** Of plain text in the mode `fixed`; default `paragraph`. */
  readonly layout?: TextLayout
  /**
   * Gives each finding its score in the mode `fixed`. The references have no scores, so their modes
   * give none.
   */
  readonly score?: ScorePlaces
}

/**
 * What `answer` says. Never throws: a text that follows no grammar is an answer with nothing in it.
 * `picture` is the size of the upright picture, which the coordinates refer to. Takes time in
 * proportion to the length of the answer.
 */
export function parseAnswer(
  grammar: AnswerGrammar,
  answer: string,
  picture: PictureSize,
  { mode = 'fixed', ocrAreaThreshold, layout = 'paragraph', score }: ParseOptions = {},
): TaskData {
  switch (mode) {
    case 'fixed':
      return parseFixed(grammar, answer, picture, {
        ocrAreaThreshold: ocrAreaThreshold ?? 0,
        layout,
        ...(score === undefined ? {} : { score }),
      })
    case 'reference':
      return parseReference(grammar, answer, picture, {
        ...REFERENCE,
        ocrAreaThreshold: ocrAreaThreshold ?? REFERENCE.ocrAreaThreshold,
      })
    case 'native':
      return parseReference(grammar, answer, picture, {
        ...NATIVE,
        ocrAreaThreshold: ocrAreaThreshold ?? NATIVE.ocrAreaThreshold,
      })
  }
}
