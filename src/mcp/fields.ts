// The arguments and results that several tools share, with the words that agents read.
import { z } from 'zod'
import { MAX_PREFIX_CHARACTERS } from '../caption/generation.ts'

/** A phrase, not a page: Florence-2 reads some hundred tokens beside the picture. */
export const MAX_QUERY_CHARACTERS = 300
/** More pictures take longer than agents wait for one call. */
export const MAX_PICTURES = 8
/** Longer beginnings leave no room for an answer. */
export const MAX_BEGINNING_CHARACTERS = Math.min(200, MAX_PREFIX_CHARACTERS)

export const Image = z
  .string()
  .describe(
    'One picture: a data: URL with base64, an https: URL if this server allows its host, or the absolute path of a file below a folder that this server allows.',
  )

export const Annotate = z
  .boolean()
  .default(false)
  .describe('Also return the picture with the findings drawn on it, for the user to see.')

export const Box = z
  .array(z.number())
  .length(4)
  .describe('x1, y1, x2, y2: upper left corner first, in pixels of the upright picture.')

export const Score = z
  .number()
  .optional()
  .describe('How sure the model is, 0 to 1; absent where it does not say.')

/** In every result. */
export const Base = {
  width: z.int().describe('Of the upright picture, in pixels.'),
  height: z.int().describe('Of the upright picture, in pixels.'),
  model: z.string().describe('The model that answered.'),
  demo: z.boolean().describe('True: the bundled demo model, which only knows drawn scenes.'),
  truncated: z.boolean().describe('True: the answer was cut at the limit of its length.'),
}
