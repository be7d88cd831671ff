// Cuts an answer into text, locations and polygon marks; every other control token vanishes.
import { createControlTokenPattern } from '../control-tokens.ts'

export type AnswerToken =
  | { readonly kind: 'text'; readonly text: string; readonly place: number }
  | { readonly kind: 'location'; readonly bin: number; readonly place: number }
  | { readonly kind: 'separator' | 'polygon_start' | 'polygon_end' }

const MARKS: ReadonlyMap<string, AnswerToken> = new Map([
  ['<sep>', { kind: 'separator' }],
  ['<poly>', { kind: 'polygon_start' }],
  ['</poly>', { kind: 'polygon_end' }],
])

/**
 * The tokens of an answer in order, `place` being where in the answer they begin. Text that only
 * resembles a token stays text.
 */
export function tokenizeAnswer(answer: string): readonly AnswerToken[] {
  const tokens: AnswerToken[] = []
  let position = 0
  for (const match of answer.matchAll(createControlTokenPattern('g'))) {
    if (match.index > position) {
      tokens.push({ kind: 'text', text: answer.slice(position, match.index), place: position })
    }
    const mark = MARKS.get(match[0])
    if (match[1] !== undefined)
      tokens.push({ kind: 'location', bin: Number(match[1]), place: match.index })
    else if (mark !== undefined) tokens.push(mark)
    position = match.index + match[0].length
  }
  if (position < answer.length) {
    tokens.push({ kind: 'text', text: answer.slice(position), place: position })
  }
  return tokens
}
