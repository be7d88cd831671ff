// One text in the ways that programs write names, for schemas whose pattern asks for one of them.
import type { StringSlot } from '../plan/slot.ts'
import { matchesFormat } from '../schema/formats.ts'
import { compilePattern } from '../schema/patterns.ts'
import { lengthOf } from './fit-text.ts'

/** The text itself first. */
export function spellings(text: string): readonly string[] {
  const plain = text.replaceAll(/[^\p{L}\p{N}\s]+/gu, ' ').trim()
  const words = plain.toLowerCase().split(/\s+/)
  return [
    text,
    text.toLowerCase(),
    text.toUpperCase(),
    words.join('-'),
    words.join('_'),
    words.join(''),
    words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(' '),
    words.join('_').toUpperCase(),
    plain,
  ]
}

/** Whether a text keeps the length, the patterns and the formats that the slot asks for. */
export function keepsRules(text: string, { minLength, maxLength, layers }: StringSlot): boolean {
  const length = lengthOf(text)
  if (length < minLength || length > (maxLength ?? Infinity)) return false
  return layers.every(
    ({ pattern, format }) =>
      (pattern === undefined || compilePattern(pattern).test(text)) &&
      (format === undefined || matchesFormat(text, format)),
  )
}
