// Pictures in, one text out: the part that all dialects share.
//
// Several pictures are captioned one after the other: a second one at the same time would only slow
// the first on the same cores, and the text streams in reading order.
import { FlocapError } from '../../base/errors.ts'
import type { Captioner, CaptionRequest, CaptionResult } from '../../caption/captioner.ts'
import type { FinishReason, GenerationOptions } from '../../caption/ports.ts'
import type { TaskChoice } from '../../caption/task-text.ts'

interface Picture {
  readonly bytes: Uint8Array
  readonly label?: string
}

export interface Question {
  readonly pictures: readonly Picture[]
  readonly choice: TaskChoice
  readonly generation: Partial<GenerationOptions>
}

export interface DescribeHooks {
  readonly signal: AbortSignal
  /** Pieces of `Description.texts[0]` as they become certain. */
  readonly onText?: (text: string) => void
}

export interface Description {
  /** Best first, as many as were asked for; each covers all pictures. */
  readonly texts: readonly [string, ...string[]]
  readonly results: readonly DescribedPicture[]
  readonly finishReason: FinishReason
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number }
}

export interface DescribedPicture {
  /** Present when the question had several pictures. */
  readonly label?: string
  readonly result: CaptionResult
}

/** @throws FlocapError what the captioner throws, and empty_answer for an answer without text. */
export async function describePictures(
  captioner: Captioner,
  question: Question,
  hooks: DescribeHooks,
): Promise<Description> {
  const results: DescribedPicture[] = []
  const labels = labelsOf(question.pictures)
  for (const [index, picture] of question.pictures.entries()) {
    const label = labels?.[index]
    const heading = label === undefined ? '' : `${index === 0 ? '' : '\n'}${label}: `
    const writer = createTextWriter(heading, hooks.onText)
    const result = await captioner.caption(requestFor(picture, question), {
      signal: hooks.signal,
      ...(hooks.onText === undefined ? {} : { onText: writer.add }),
    })
    writer.finish(textOf(result.text))
    results.push(label === undefined ? { result } : { label, result })
  }
  return {
    texts: joinTexts(results),
    results,
    finishReason: results.find(({ result }) => result.finishReason === 'length')
      ? 'length'
      : (results[0]?.result.finishReason ?? 'stop'),
    usage: {
      promptTokens: sum(results.map(({ result }) => result.usage.promptTokens)),
      completionTokens: sum(results.map(({ result }) => result.usage.completionTokens)),
    },
  }
}

function requestFor(picture: Picture, question: Question): CaptionRequest {
  return { picture: picture.bytes, ...question.choice, generation: question.generation }
}

/** None for a single picture: its caption stands alone in a chat. */
function labelsOf(pictures: readonly Picture[]): string[] | undefined {
  if (pictures.length < 2) return undefined
  return pictures.map((picture, index) => picture.label ?? `Image ${index + 1}`)
}

function joinTexts(results: readonly DescribedPicture[]): [string, ...string[]] {
  const count = Math.max(1, ...results.map(({ result }) => result.alternatives.length))
  const textAt = (rank: number) =>
    results
      .map(({ label, result }) => {
        // A picture with fewer alternatives repeats its best one beside the others' next.
        const text = textOf((result.alternatives[rank] ?? result).text)
        return label === undefined ? text : `${label}: ${text}`
      })
      .join('\n')
  const [first = '', ...others] = Array.from({ length: count }, (_, rank) => textAt(rank))
  return [first, ...others]
}

/** An empty answer would be shown as an error far away from its cause, so it is one here. */
function textOf(text: string): string {
  const trimmed = text.trim()
  if (trimmed !== '') return trimmed
  throw new FlocapError('empty_answer', 'The model gave no text for this picture.', {
    hint: 'Another task may work for it.',
  })
}

/**
 * Passes pieces on so that all of them together are exactly heading and trimmed text. Blanks at
 * the end of a piece wait for what follows, because the text may end there.
 */
function createTextWriter(heading: string, onText: ((text: string) => void) | undefined) {
  let received = ''
  let sent = 0
  const send = (text: string) => {
    if (sent === 0 && heading !== '') onText?.(heading)
    onText?.(text.slice(sent))
    sent = text.length
  }
  return {
    add: (piece: string) => {
      received += piece
      const certain = received.trim()
      if (certain.length > sent) send(certain)
    },
    finish: (text: string) => {
      if (text.length > sent) send(text)
    },
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
