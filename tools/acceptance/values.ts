// Published answers of real checkpoints: what an acceptance run compares with. The file is reference
// data (`acceptance-values.json`); it is not part of the package.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { FlocapError } from '../../src/base/errors.ts'

const settingsSchema = z.object({
  num_beams: z.number().int().optional(),
  early_stopping: z.union([z.boolean(), z.literal('never')]).optional(),
  max_new_tokens: z.number().int().optional(),
  no_repeat_ngram_size: z.number().int().optional(),
  greedy: z.boolean().optional(),
})

const entrySchema = z.object({
  id: z.string(),
  checkpoint: z.string(),
  /** File name; the published picture may be a JPEG whose pixels depend on the decoder. */
  image: z.string(),
  image_lossless: z.boolean().nullish(),
  task: z.string(),
  input: z.string().nullish(),
  settings: settingsSchema.optional(),
  /** Ids with the decoder's start token. */
  output_ids: z.array(z.number().int()).nullish(),
  output_text: z.string().nullish(),
  /** The reference processor's result, under the task's name. */
  output: z.record(z.string(), z.unknown()).nullish(),
})

export type PublishedAnswer = z.infer<typeof entrySchema>

/** @throws FlocapError `invalid_setting` when the file cannot be used. */
export async function readPublishedAnswers(file: string): Promise<readonly PublishedAnswer[]> {
  try {
    const json: unknown = JSON.parse(await readFile(file, 'utf8'))
    return z.object({ entries: z.array(entrySchema) }).parse(json).entries
  } catch (error) {
    throw new FlocapError('invalid_setting', `${file} holds no published answers.`, {
      subject: '--values',
      hint: 'Give the acceptance-values.json of the reference data.',
      cause: error,
    })
  }
}
