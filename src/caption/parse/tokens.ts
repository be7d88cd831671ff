// Cuts an answer into text, locations and polygon marks; every other control token vanishes.
import { createControlTokenPattern } from '../control-tokens.ts'

export type AnswerToken =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'location'; readonly bin: number }
  | { readonly kind: 'separator' | 'polygon_start' | 'polygon_end' }

const MARKS: ReadonlyMap<string, AnswerToken> = new Map([
  ['<sep>', { kind: 'separator' }],
  ['<poly>', { kind: 'polygon_start' }],
  ['</poly>', { kind: 'polygon_end' }],
])

/** The tokens of an answer in order. Text that only resembles a token stays text. */
export function tokenizeAnswer(answer: string): readonly AnswerToken[] {
  const tokens: AnswerToken[] = []
  let position = 0
  for (const match of answer.matchAll(createControlTokenPattern('g'))) {
    if (match.index > position) {
      tokens.push({ kind: 'text', text: answer.slice(position, match.index) })
    }
    const mark = MARKS.get(match[0])
    if (match[1] !== undefined) tokens.push({ kind: 'location', bin: Number(match[1]) })
    else if (mark !== undefined) tokens.push(mark)
    position = match.index + match[0].length
  }
  if (position < answer.length) tokens.push({ kind: 'text', text: answer.slice(position) })
  return tokens
}
