// Tokens that a model on this machine has of tasks of its own, without loading it.
import { z } from 'zod'
import { readModelJson } from '../base/model-json.ts'
import { findTaskTokens } from '../caption/task-tokens.ts'
import { CONFIG_FILE, TOKENIZER_FILE } from '../weights/model-files.ts'

const Tokenizer = z.object({
  added_tokens: z.array(z.object({ id: z.number(), content: z.string() })),
})

const size = z.number().nullish()
const Config = z.object({
  vocab_size: size,
  text_config: z.object({ vocab_size: size }).nullish(),
})

/**
 * As `ModelDescription.taskTokens` of the loaded model: of tokens beyond the vocabulary there are no
 * weights. None for files that cannot be read; loading the model says why.
 */
export async function readOwnTaskTokens(folder: string): Promise<readonly string[]> {
  try {
    const { added_tokens: added } = Tokenizer.parse(await readModelJson(folder, TOKENIZER_FILE))
    const config = Config.parse(await readModelJson(folder, CONFIG_FILE))
    const vocabularySize = config.text_config?.vocab_size ?? config.vocab_size ?? Infinity
    return findTaskTokens(
      added.filter(({ id }) => id < vocabularySize).map(({ content }) => content),
    )
  } catch {
    return []
  }
}
