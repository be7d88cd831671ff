// Pictures in, one text out: the part that all dialects share.
//
// Several pictures are captioned one after the other: a second one at the same time would only slow
// the first on the same cores, and the text streams in reading order.
import { FlocapError } from '../../base/errors.ts'
import type { Captioner, CaptionRequest, CaptionResult } from '../../caption/captioner.ts'
import type { FinishReason, GenerationOptions } from '../../caption/ports.ts'
import type { TaskChoice } from '../../caption/task-text.ts'
import type { Beginning } from './beginning.ts'
import { restOf } from './beginning.ts'
import type { Frame, Picture } from './frames.ts'

export interface Question {
  readonly pictures: readonly Picture[]
  readonly choice: TaskChoice
  /** A prompt in words asked for tags. */
  readonly asTags?: boolean
  readonly generation: Partial<GenerationOptions>
  /** Of the answer, which is given without it. */
  readonly beginning?: Beginning
  /** All of its pictures, of which neighbours may yet turn out to show the same. */
  readonly frames?: readonly Frame[]
  /** Fields of pictures of the chat that are not described. */
  readonly memory?: readonly string[]
}

export interface DescribeHooks {
  readonly signal: AbortSignal
  /** Pieces of `Description.texts[0]` as they become certain. */
  readonly onText?: (text: string) => void
}

export interface Description {
  /** Best first, as many as were asked for; each covers all pictures. */
  readonly texts: readonly [string, ...string[]]
  /** One for each picture and task. */
  readonly results: readonly DescribedPicture[]
  /** Of an answer that fits a schema: the properties that nothing is known of. */
  readonly unanswered?: readonly string[]
  /** Fields of pictures that were passed over, as they belong to earlier turns or to memory. */
  readonly memory?: readonly string[]
  readonly finishReason: FinishReason
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number }
}

export interface DescribedPicture {
  /** What the picture is called in the answer, and those before it that are the same. */
  readonly labels: readonly string[]
  readonly result: CaptionResult
}

/** @throws FlocapError what the captioner throws. */
export async function describePictures(
  captioner: Captioner,
  question: Question,
  { signal, onText }: DescribeHooks,
): Promise<Description> {
  const results: DescribedPicture[] = []
  for (const picture of question.pictures) {
    const { labels } = picture
    const [label, ...others] = labels
    const heading = label === undefined ? '' : `${results.length === 0 ? '' : '\n'}${label}: `
    const result = await captioner.caption(requestFor(picture, question), {
      signal,
      ...(onText === undefined
        ? {}
        : { onText: withHeading(heading, withoutBeginning(question.beginning, onText)) }),
    })
    // Answers that are no plain text are not streamed by the captioner.
    if (result.data.kind !== 'text') onText?.(`${heading}${result.text}`)
    if (others.length > 0) onText?.(`\n${linesOf(others, result.text)}`)
    results.push({ labels, result })
  }
  const texts = joinTexts(results, question.beginning)
  if (texts[0] === '') {
    throw new FlocapError('empty_answer', 'Expected text behind the given beginning, got none.')
  }
  return {
    texts,
    results,
    ...(question.memory === undefined ? {} : { memory: question.memory }),
    finishReason: results.find(({ result }) => result.finishReason === 'length')
      ? 'length'
      : (results[0]?.result.finishReason ?? 'stop'),
    usage: sumUsage(results),
  }
}

function requestFor(picture: Picture, question: Question): CaptionRequest {
  return { picture: picture.bytes, ...question.choice, generation: question.generation }
}

/** Of everything that ran. */
export function sumUsage(results: readonly DescribedPicture[]): Description['usage'] {
  return {
    promptTokens: sum(results.map(({ result }) => result.usage.promptTokens)),
    completionTokens: sum(results.map(({ result }) => result.usage.completionTokens)),
  }
}

function joinTexts(
  results: readonly DescribedPicture[],
  beginning: Beginning | undefined,
): [string, ...string[]] {
  const count = Math.max(1, ...results.map(({ result }) => result.alternatives.length))
  const textAt = (rank: number) =>
    results
      // A picture with fewer alternatives repeats its best one beside the others' next.
      .map(({ labels, result }) =>
        linesOf(labels, restOf((result.alternatives[rank] ?? result).text, beginning)),
      )
      .join('\n')
  const [first = '', ...others] = Array.from({ length: count }, (_, rank) => textAt(rank))
  return [first, ...others]
}

/** The text behind each label; the text alone without one. */
function linesOf(labels: readonly string[], text: string): string {
  return labels.length === 0 ? text : labels.map((label) => `${label}: ${text}`).join('\n')
}

/** Puts `heading` before the first piece. */
function withHeading(heading: string, onText: (text: string) => void): (text: string) => void {
  let started = false
  return (piece) => {
    onText(started ? piece : heading + piece)
    started = true
  }
}

/** Passes on what comes behind the beginning. */
function withoutBeginning(
  beginning: Beginning | undefined,
  onText: (text: string) => void,
): (text: string) => void {
  if (beginning === undefined) return onText
  let received = ''
  let sent = 0
  return (piece) => {
    received += piece
    if (received.length < beginning.text.length) return
    const rest = restOf(received, beginning)
    if (rest.length > sent) onText(rest.slice(sent))
    sent = rest.length
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
