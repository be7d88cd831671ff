// The emptiest value that is valid, for what a picture does not tell.
import type { NumberSlot, StringSlot } from '../plan/slot.ts'
import { fitNumber } from './fit-number.ts'
import { keepsRules } from './spellings.ts'

const NEUTRAL = new Set(
  'unknown none other n/a na unspecified unclear undefined uncertain not_sure unsure misc empty'.split(
    ' ',
  ),
)

/** A member of an enum by which its author says that nothing is known. */
export function isNeutral(member: string): boolean {
  return NEUTRAL.has(member.trim().toLowerCase().replaceAll(/[\s-]/g, '_')) || member.trim() === ''
}

/** Values that say nothing, one for each format and for the patterns that are common. */
const NOTHING = [
  '',
  'unknown',
  'Unknown',
  'UNKNOWN',
  'none',
  'n/a',
  '-',
  'a',
  'A',
  'aa',
  'AA',
  'aaa',
  'AAA',
  '0',
  '00',
  '000',
  '0000',
  '00000',
  '0.0',
  '1970-01-01',
  '00:00:00Z',
  '00:00',
  '1970-01-01T00:00:00Z',
  'PT0S',
  'unknown@example.invalid',
  'example.invalid',
  'about:blank',
  'https://example.invalid/',
  '00000000-0000-0000-0000-000000000000',
  '0.0.0.0',
  '::',
  '#000000',
  '/',
]

/** @param index makes the values of a list differ. @returns undefined where none was found. */
export function emptiestString(slot: StringSlot, index: number): string | undefined {
  const suffix = index === 0 ? '' : ` ${index + 1}`
  const padded = padTo(`unknown${suffix}`, slot.minLength)
  const distinct =
    index === 0
      ? NOTHING
      : ['unknown', 'Unknown'].flatMap((text) => [`${text}${suffix}`, `${text}-${index + 1}`])
  const repeated = ['a', 'A', '0', '-', '_'].map((sign) => sign.repeat(slot.minLength + index))
  const cut = slot.maxLength === undefined ? [] : [padded.slice(0, slot.maxLength)]
  return [...distinct, padded, ...repeated, ...cut].find((text) => keepsRules(text, slot))
}

function padTo(text: string, length: number): string {
  return text.padEnd(length, '.')
}

/** The number nearest to 0 that fits. */
export function emptiestNumber(slot: NumberSlot, index: number): number | undefined {
  return fitNumber(slot, index) ?? fitNumber(slot, slot.range.minimum ?? 0)
}
