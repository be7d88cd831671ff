// Reads test/fixtures/florence2: what the reference computes on the portable checkpoints.
//
// The format is described in test/fixtures/florence2/PROVENANCE.md.
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { idsSchema, pictureFields, searchCaseSchema, sha256Schema } from './search-cases.ts'

const FOLDER = new URL('../fixtures/florence2/', import.meta.url)

/** A picture that the reference was asked about. */
export function readFixturePicture(file: string): Buffer {
  return readFileSync(new URL(`pictures/${file}`, FOLDER))
}

const jsonSchema = z.record(z.string(), z.unknown())

/** What writes a checkpoint. */
export const recipeSchema = z.object({
  layout: z.enum(['native', 'microsoft']),
  /** `mixed`: the tensors of the file differ in dtype. */
  dtype: z.enum(['F16', 'BF16', 'F32', 'F64', 'mixed']),
  seed: z.number().int(),
  /** The file has an `lm_head` of its own beside `shared`. */
  untiedHead: z.boolean(),
  /** The file has a `final_logits_bias` that is not zero. */
  logitsBias: z.boolean(),
  /** config.json and preprocessor_config.json, as they are in the checkpoint folder. */
  config: jsonSchema,
  preprocessorConfig: jsonSchema,
})
export type CheckpointRecipe = z.infer<typeof recipeSchema>

const checkpointSchema = recipeSchema.extend({
  /** Tensors in the file, and the weights they hold together. */
  tensors: z.number().int(),
  parameters: z.number().int(),
  /** Of everything after the header of model.safetensors, and of the whole file. */
  dataSha256: sha256Schema,
  fileSha256: sha256Schema,
})

const pictureSchema = z.object({
  ...pictureFields,
  /** The task, its prompt and the decoder's ids that the tensors belong to. */
  task: z.string(),
  promptIds: idsSchema,
  answerIds: idsSchema,
  /** Names in the fixture's safetensors file. */
  tensors: z.object({
    /** Last map of the vision tower, [height, width, channels]. */
    visionMap: z.string(),
    /** [image tokens, d_model]. */
    imageFeatures: z.string(),
    /** [image tokens + prompt tokens, d_model]. */
    encoderOutput: z.string(),
    /** [answer ids, rows]: after each prefix of `answerIds`, before any processor. */
    logits: z.string(),
  }),
})

const fixtureSchema = z.object({
  format: z.literal(1),
  name: z.string(),
  /** What this configuration is there to catch. */
  covers: z.string(),
  checkpoint: checkpointSchema,
  /** Library versions that the numbers come from. */
  reference: z.record(z.string(), z.string()),
  pictures: z.array(pictureSchema).readonly(),
  cases: z.array(searchCaseSchema).readonly(),
})

export type Florence2Fixture = z.infer<typeof fixtureSchema>

export interface FixtureTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Names of all fixtures, in alphabetical order. */
export function listFlorence2Fixtures(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .toSorted()
}

/** @throws ZodError when the file does not have the documented format. */
export function readFlorence2Fixture(name: string): Florence2Fixture {
  return fixtureSchema.parse(JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')))
}

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.literal('F32'),
    shape: z.array(z.number().int()),
    data_offsets: z.tuple([z.number().int(), z.number().int()]),
  }),
)

/** The stage tensors of a fixture, under the names in `pictures[].tensors`. */
export function readFixtureTensors(name: string): Map<string, FixtureTensor> {
  const file = readFileSync(new URL(`${name}.safetensors`, FOLDER))
  const start = 8 + Number(file.readBigUInt64LE(0))
  const header = headerSchema.parse(JSON.parse(file.toString('utf8', 8, start)))
  return new Map(
    Object.entries(header).map(
      ([
        key,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const bytes = Uint8Array.from(file.subarray(start + from, start + to))
        return [key, { shape, values: new Float32Array(bytes.buffer) }]
      },
    ),
  )
}
