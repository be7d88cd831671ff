// The compiled folder: what the compiler leaves for the runtime, described by its manifest.json.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import { picturePreparationSchema } from './picture.ts'

const MANIFEST_FILE = 'manifest.json'

/** Changes when a reader of an older manifest would misread a newer one. */
const MANIFEST_FORMAT = 4

const count = z.number().int().positive()
const tokenId = z.number().int().nonnegative()
const hash = z.string().regex(/^[\da-f]{64}$/)
/** Everything lies at the top of the folder, and nothing outside of it is ever meant. */
const fileName = z.string().regex(/^\w[\w.-]*$/)

const sourceFileSchema = z.object({
  name: z.string(),
  bytes: z.number().int().nonnegative(),
  /** Modification time in ms: with the size it tells at once that nothing changed. */
  modified: z.number(),
  sha256: hash,
})

const contentSchema = z.object({
  name: fileName,
  bytes: z.number().int().nonnegative(),
  crc32: z.number().int().nonnegative(),
})

const errorSchema = z.object({
  imageFeatures: z.number(),
  encoderOutput: z.number(),
  firstToken: z.number(),
})

/** What quantisation costs, measured on this checkpoint when it was compiled. */
const quantisationSchema = z.object({
  /** Relative L2 of features and encoder output, divergence of the first token's distribution. */
  error: errorSchema,
  bound: errorSchema,
  withinBound: z.boolean(),
  /** Layers whose activations were made easier to quantise. */
  smoothedLayers: z.number().int(),
  /** Layers that were left in float32 to keep the bound. */
  float32Layers: z.array(z.string()),
})

const manifestSchema = z.object({
  format: z.literal(MANIFEST_FORMAT),
  /** Of `fingerprintOf`: the same on all machines that made the same model. */
  fingerprint: hash,
  compilerVersion: z.number().int(),
  precision: z.string(),
  /** `plain` follows the reference operator by operator, for any device; `fused` is for the CPU. */
  lowering: z.enum(['plain', 'fused']),
  createdAt: z.number(),
  /** null for float32, or where nothing could be measured. */
  quantisation: quantisationSchema.nullable(),
  /** The checkpoint's files that this folder was made from. */
  source: z.array(sourceFileSchema),
  /** Tensors of the checkpoint that no part of the model asked for. */
  unreadTensors: z.array(z.string()),
  parameters: count,
  graphs: z.object({ vision: fileName, prefill: fileName, decoder: fileName }),
  /** `appended`: each step returns a longer cache; `shared`: it writes into the one it was given. */
  decoderCache: z.enum(['appended', 'shared']),
  files: z.object({
    tokenizer: fileName,
    tokenizerConfig: fileName,
  }),
  /** Every file of the folder but this one, for `checkContents`. */
  contents: z.array(contentSchema),
  picture: picturePreparationSchema,
  /** Tokens that a picture becomes: its map and one for the mean, in published models. */
  imageTokens: count,
  hiddenSize: count,
  decoderLayers: count,
  decoderHeads: count,
  vocabularySize: count,
  /** Longest sequence each side can read or write. */
  encoderPositions: count,
  decoderPositions: count,
  /** Tokens with a part in the search. */
  tokens: z.object({
    bos: tokenId,
    eos: tokenId,
    /** Where several end an answer, the others. */
    otherEos: z.array(tokenId).readonly().optional(),
    decoderStart: tokenId,
    forcedBos: tokenId.nullable(),
    forcedEos: tokenId.nullable(),
  }),
  /** How the checkpoint wants its answers searched for, where a request says nothing else. */
  generation: z.object({
    /** null where it says nothing. */
    numBeams: count.nullable(),
    earlyStopping: z.union([z.boolean(), z.literal('never')]),
    lengthPenalty: z.number(),
    noRepeatNgramSize: z.number().int().nonnegative(),
  }),
})

export type Manifest = z.infer<typeof manifestSchema>
export type QuantisationReport = z.infer<typeof quantisationSchema>
export type SourceFile = z.infer<typeof sourceFileSchema>

export function createManifest(fields: Omit<Manifest, 'format'>): Manifest {
  return { format: MANIFEST_FORMAT, ...fields }
}

/** @throws Error for a manifest that `readManifest` would refuse: a number that is none, for instance. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const fields = manifestSchema.parse(manifest)
  const sealed = { ...fields, seal: sealOf(fields) }
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(sealed, null, 2)}\n`)
}

/** @throws FlocapError `invalid_model` when the folder is not a compiled model of this format. */
export async function readManifest(folder: string): Promise<Manifest> {
  let json: unknown
  try {
    json = JSON.parse(await readFile(join(folder, MANIFEST_FILE), 'utf8'))
  } catch (error) {
    throw refuse('has no readable manifest.json', error)
  }
  const sealed = sealedSchema.safeParse(json)
  const manifest = manifestSchema.safeParse(json)
  if (!sealed.success || !manifest.success)
    throw refuse('was made by another version', manifest.error)
  const { seal, ...fields } = sealed.data
  if (seal !== sealOf(fields)) throw refuse('has a manifest.json that is not as it was written')
  return manifest.data
}

const sealedSchema = z.looseObject({ seal: z.string() })

/** The numbers in a manifest decide what is computed: damage to one must not pass for another model. */
function sealOf(fields: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex')
}

function refuse(what: string, cause?: unknown): FlocapError {
  return new FlocapError('invalid_model', `The compiled model ${what}.`, {
    hint: 'Start FloCap with this model: it compiles it again.',
    ...(cause === undefined ? {} : { cause }),
  })
}
