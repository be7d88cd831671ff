// The same words as the reference's tokenizer, where JavaScript means something else by a space.
//
// GPT-2's expression says `\s`. In the reference's library that is Unicode's White_Space; in JavaScript
// it has U+FEFF (the byte order mark) as well and lacks U+0085 (next line). The library's own splitting
// is therefore replaced by the same expression with the property written out.
import { z } from 'zod'
import type { TokenizerFile } from './florence2-tokens.ts'

const SPACE = String.raw`\p{White_Space}`
const NO_SPACE = String.raw`\P{White_Space}`
const GPT2 = [
  "'s|'t|'re|'ve|'m|'ll|'d",
  String.raw` ?\p{L}+`,
  String.raw` ?\p{N}+`,
  String.raw` ?[^${SPACE}\p{L}\p{N}]+`,
  `${SPACE}+(?!${NO_SPACE})`,
  `${SPACE}+`,
].join('|')

/** `add_prefix_space` puts a space before the whole text, which a split beforehand would repeat. */
const byteLevelSchema = z.looseObject({
  type: z.literal('ByteLevel'),
  add_prefix_space: z.literal(false).optional(),
  use_regex: z.literal(true).optional(),
})

/** A file whose words are split by the library's expression; any other is left as it is. */
export function withUnicodeSpaces(file: TokenizerFile): TokenizerFile {
  const parsed = byteLevelSchema.safeParse(file['pre_tokenizer'])
  if (!parsed.success) return file
  const split = { type: 'Split', pattern: { Regex: GPT2 }, behavior: 'Isolated', invert: false }
  const bytes = { ...parsed.data, use_regex: false }
  return { ...file, pre_tokenizer: { type: 'Sequence', pretokenizers: [split, bytes] } }
}
