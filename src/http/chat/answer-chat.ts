// The answer to a chat, in any dialect: with a picture, without one, as text or as JSON, at once or
// piece by piece.
import type { Captioner } from '../../caption/captioner.ts'
import type { AnswerFormat } from './answer-format.ts'
import { formatAnswer } from './answer-format.ts'
import type { DescribeHooks, Description, Question } from './describe.ts'
import { describePictures } from './describe.ts'
import { TEXT_ONLY_ANSWER } from './question.ts'

export interface ChatAnswer {
  /** Undefined when the chat had no picture and no model ran. */
  readonly description: Description | undefined
  /** Best first, never empty strings. */
  readonly texts: readonly [string, ...string[]]
}

/**
 * @param question undefined for a chat without a picture.
 * @param hooks `onText` receives pieces that make up `texts[0]`.
 */
export async function answerChat(
  captioner: Captioner,
  question: Question | undefined,
  format: AnswerFormat,
  hooks: DescribeHooks,
): Promise<ChatAnswer> {
  const { signal, onText } = hooks
  // JSON is written when the whole text is known.
  const streams = format.kind === 'text' && question !== undefined
  const description =
    question === undefined
      ? undefined
      : await describePictures(captioner, question, streams ? hooks : { signal })
  const [first, ...others] = description?.texts ?? [TEXT_ONLY_ANSWER]
  const best = formatAnswer(first, format)
  if (!streams) onText?.(best)
  return { description, texts: [best, ...others.map((text) => formatAnswer(text, format))] }
}
