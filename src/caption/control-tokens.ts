// The control tokens of Florence-2's vocabulary as they stand in a decoded answer.
//
// Source: added tokens of processing_florence2.py in their order there, misspelling included, after
// BART's own five. In a decoded text a token cannot be told from the same characters spelled out.
import { LOCATION_BINS } from './region.ts'

const BEFORE_LOCATIONS = ['<od>', '</od>', '<ocr>', '</ocr>'] as const

const AFTER_LOCATIONS = [
  '<cap>',
  '</cap>',
  '<ncap>',
  '</ncap>',
  '<dcap>',
  '</dcap>',
  '<grounding>',
  '</grounding>',
  '<seg>',
  '</seg>',
  '<sep>',
  '<region_cap>',
  '</region_cap>',
  '<region_to_desciption>',
  '</region_to_desciption>',
  '<proposal>',
  '</proposal>',
  '<poly>',
  '</poly>',
  '<and>',
] as const

/** What Microsoft's processor adds to BART's vocabulary, in its order: their ids follow it. */
export const ADDED_TOKENS: readonly string[] = [
  ...BEFORE_LOCATIONS,
  ...Array.from({ length: LOCATION_BINS }, (_, bin) => `<loc_${bin}>`),
  ...AFTER_LOCATIONS,
]

/** All but the locations. */
export const CONTROL_TOKENS = [
  '<s>',
  '</s>',
  '<pad>',
  '<unk>',
  '<mask>',
  ...BEFORE_LOCATIONS,
  ...AFTER_LOCATIONS,
  '<image>',
] as const

/** `<loc_0>` to `<loc_999>`, the bin in group 1; `<loc_007>` and `<loc_1000>` are no tokens. */
const LOCATION = String.raw`<loc_(0|[1-9]\d{0,2})>`

const PATTERN = `${LOCATION}|${CONTROL_TOKENS.join('|')}`

/** Finds control tokens; group 1 is the bin of a location. No match is longer than its token. */
export function createControlTokenPattern(flags: 'g' | 'y'): RegExp {
  return new RegExp(PATTERN, flags)
}

const LONGEST = Math.max(...CONTROL_TOKENS.map((token) => token.length))

/** Whether more text could make `text`, which begins with `<`, a control token. */
export function isControlTokenPrefix(text: string): boolean {
  if (text.length >= LONGEST) return false
  return (
    CONTROL_TOKENS.some((token) => token.startsWith(text)) ||
    '<loc_'.startsWith(text) ||
    /^<loc_(?:0|[1-9]\d{0,2})$/.test(text)
  )
}
