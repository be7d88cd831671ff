// Reads test/fixtures/demo: what the reference answers with the bundled model.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { captionCaseSchema, pictureFields, sha256Schema } from './search-cases.ts'

const FILE = new URL('../fixtures/demo/reference-captions.json', import.meta.url)

const captionsSchema = z.object({
  format: z.literal(1),
  model: z.string(),
  /** Of models/flocap-demo/model.safetensors, the weights the answers belong to. */
  weightsSha256: sha256Schema,
  reference: z.record(z.string(), z.string()),
  pictures: z.array(z.object(pictureFields)).readonly(),
  cases: z.array(captionCaseSchema).readonly(),
})

export type DemoCaptions = z.infer<typeof captionsSchema>

/** @throws ZodError when the file does not have the documented format. */
export function readDemoCaptions(): DemoCaptions {
  return captionsSchema.parse(JSON.parse(readFileSync(FILE, 'utf8')))
}
