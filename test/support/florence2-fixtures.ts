// Reads test/fixtures/florence2: what the reference computes on the portable checkpoints.
//
// The format is described in test/fixtures/florence2/PROVENANCE.md.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const FOLDER = new URL('../fixtures/florence2/', import.meta.url)

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const ids = z.array(z.number().int().nonnegative()).readonly()
const json = z.record(z.string(), z.unknown())

const sequence = z.object({ ids, score: z.number() })

const beamSearch = z.object({
  stoppingRule: z.enum(['classic', 'vectorised']),
  numBeams: z.number().int(),
  earlyStopping: z.union([z.boolean(), z.literal('never')]),
  lengthPenalty: z.number(),
  /** All finished beams, best first; ids start with the start token and end with `</s>`. */
  sequences: z.array(sequence).readonly(),
})

const searchCase = z.object({
  /** Unique within its fixture. */
  name: z.string(),
  picture: z.string(),
  task: z.string(),
  input: z.string().nullable(),
  promptText: z.string(),
  /** `<s>` and `</s>` included, image placeholders not. */
  promptIds: ids,
  /** Bound of the generated ids: the forced `<s>` and `</s>` count, the start token does not. */
  maxNewTokens: z.number().int(),
  noRepeatNgramSize: z.number().int(),
  greedy: z.object({
    ids,
    /** Of each id after the start token, log-softmax of the raw logits; forced ids 0. */
    logProbs: z.array(z.number()).readonly(),
  }),
  beams: z.array(beamSearch).readonly(),
})

const picture = z.object({
  /** In models/flocap-demo/samples. */
  file: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  /** Of the resized picture, [size, size, 3] uint8. */
  resizedRgbSha256: sha256,
  /** Of what the vision encoder reads, [3, size, size] float32 little-endian. */
  pixelsSha256: sha256,
  /** Task, prompt and decoder ids that the tensors belong to. */
  task: z.string(),
  promptIds: ids,
  answerIds: ids,
  /** Names in the fixture's safetensors file. */
  tensors: z.object({
    visionMap: z.string(),
    imageFeatures: z.string(),
    encoderOutput: z.string(),
    logits: z.string(),
  }),
})

const checkpoint = z.object({
  layout: z.enum(['native', 'microsoft']),
  dtype: z.enum(['F16', 'BF16', 'F32', 'mixed']),
  seed: z.number().int(),
  untiedHead: z.boolean(),
  logitsBias: z.boolean(),
  /** config.json and preprocessor_config.json, as they are in the checkpoint folder. */
  config: json,
  preprocessorConfig: json,
  tensors: z.number().int(),
  parameters: z.number().int(),
  /** Of everything after the header of model.safetensors, and of the whole file. */
  dataSha256: sha256,
  fileSha256: sha256,
})

const fixture = z.object({
  format: z.literal(1),
  name: z.string(),
  covers: z.string(),
  checkpoint,
  reference: z.record(z.string(), z.string()),
  pictures: z.array(picture).readonly(),
  cases: z.array(searchCase).readonly(),
})

export type Florence2Fixture = z.infer<typeof fixture>
export type CheckpointRecipe = z.infer<typeof checkpoint>
export type FixturePicture = z.infer<typeof picture>
export type SearchCase = z.infer<typeof searchCase>
export type BeamSearchCase = z.infer<typeof beamSearch>

/** Names of all fixtures, in alphabetical order. */
export function listFlorence2Fixtures(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .toSorted()
}

/** @throws ZodError when the file does not have the documented format. */
export function readFlorence2Fixture(name: string): Florence2Fixture {
  return fixture.parse(JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')))
}

/** The safetensors file with the stage tensors of a fixture, all float32. */
export function fixtureTensorFile(name: string): string {
  return fileURLToPath(new URL(`${name}.safetensors`, FOLDER))
}
