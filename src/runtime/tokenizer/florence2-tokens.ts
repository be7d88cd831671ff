// The tokens that Florence-2 adds to BART's vocabulary.
//
// Converted checkpoints list them in tokenizer.json. Microsoft's own do not: there the processor adds
// them when it starts. Source: processing_florence2.py of Microsoft.
import { z } from 'zod'
import { ADDED_TOKENS } from '../../caption/control-tokens.ts'

const addedTokenSchema = z.looseObject({ id: z.number().int(), content: z.string() })
export const tokenizerFileSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema),
  model: z.looseObject({ vocab: z.record(z.string(), z.number().int()) }),
})
export type TokenizerFile = z.infer<typeof tokenizerFileSchema>

/** tokenizer.json with Florence-2's tokens in it, behind all others if they were missing. */
export function withFlorence2Tokens(file: TokenizerFile): TokenizerFile {
  const known = new Set(file.added_tokens.map((token) => token.content))
  const missing = ADDED_TOKENS.filter((token) => !known.has(token))
  if (missing.length === 0) return file
  const first =
    [...Object.values(file.model.vocab), ...file.added_tokens.map(({ id }) => id)].reduce(
      (largest, id) => Math.max(largest, id),
      -1,
    ) + 1
  const added = missing.map((content, i) => ({
    id: first + i,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }))
  return { ...file, added_tokens: [...file.added_tokens, ...added] }
}
