// Which files make a model or an adapter, which of them must be there, and which are the weights: for
// the store, which fetches them, and for the compiler, which reads them.
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'

export const CONFIG_FILE = 'config.json'
export const PREPROCESSOR_FILE = 'preprocessor_config.json'
export const PROCESSOR_FILE = 'processor_config.json'
export const GENERATION_FILE = 'generation_config.json'
export const TOKENIZER_FILE = 'tokenizer.json'
export const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json'

/** Without one of these, nothing can be compiled. */
export const REQUIRED_FILES = [CONFIG_FILE, TOKENIZER_FILE] as const

/** One of them says how pictures are prepared; transformers 5 writes the second alone. */
const PROCESSOR_FILES = [PREPROCESSOR_FILE, PROCESSOR_FILE] as const

/** A folder that is passed on must have it. */
const LICENCE_FILE = 'LICENSE'

/** Taken along when the repository has them. */
export const OPTIONAL_FILES = [
  PREPROCESSOR_FILE,
  PROCESSOR_FILE,
  TOKENIZER_CONFIG_FILE,
  GENERATION_FILE,
  'added_tokens.json',
  'special_tokens_map.json',
  'vocab.json',
  'merges.txt',
  LICENCE_FILE,
] as const

/** The files beside the weights that a compiled model is made from, where they are there. */
export const COMPILED_FILES = [
  ...REQUIRED_FILES,
  PREPROCESSOR_FILE,
  PROCESSOR_FILE,
  TOKENIZER_CONFIG_FILE,
  GENERATION_FILE,
] as const

/** In order of preference: safetensors can be read without a second look, a pickle cannot. */
const WEIGHTS = [
  { single: 'model.safetensors', index: 'model.safetensors.index.json' },
  { single: 'pytorch_model.bin', index: 'pytorch_model.bin.index.json' },
] as const

/** Large checkpoints come in a handful of shards. */
const MAX_SHARDS = 100

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) })

/** The weights among a model's files: one file, or shards that an index lists. */
export type WeightFiles =
  | { readonly kind: 'single'; readonly file: string }
  | { readonly kind: 'sharded'; readonly index: string }

/** Of a LoRA adapter, as PEFT saves it. */
export const ADAPTER_CONFIG_FILE = 'adapter_config.json'

/** In order of preference, as above. */
export const ADAPTER_WEIGHTS = ['adapter_model.safetensors', 'adapter_model.bin'] as const

/** What a folder or repository can be: a whole model, or a LoRA adapter of one. */
export type ContentsKind = 'model' | 'adapter'

/** The files of a folder or repository that FloCap has use for. */
export interface Contents {
  readonly kind: ContentsKind
  /** Those beside the weights. */
  readonly files: readonly string[]
  /** Undefined where there are none. */
  readonly weights: WeightFiles | undefined
  /** What is missing, in words for people; empty when nothing is. */
  readonly missing: readonly string[]
}

/**
 * Tells a model from an adapter by the names of its files: an adapter has its configuration, and no
 * weights of a whole model. Trainers save the tokenizer and the processor beside it.
 */
export function sortContents(names: ReadonlySet<string>): Contents {
  const weights = findWeights(names)
  if (weights !== undefined || !names.has(ADAPTER_CONFIG_FILE)) {
    return {
      kind: 'model',
      files: findModelFiles(names),
      weights,
      missing: findMissingFiles(names),
    }
  }
  const file = ADAPTER_WEIGHTS.find((name) => names.has(name))
  return {
    kind: 'adapter',
    files: [ADAPTER_CONFIG_FILE, LICENCE_FILE].filter((name) => names.has(name)),
    weights: file === undefined ? undefined : { kind: 'single', file },
    missing: file === undefined ? [ADAPTER_WEIGHTS.join(' or ')] : [],
  }
}

/** The best form of weights that these names offer; undefined when there is none. */
export function findWeights(names: ReadonlySet<string>): WeightFiles | undefined {
  for (const { single, index } of WEIGHTS) {
    if (names.has(single)) return { kind: 'single', file: single }
    if (names.has(index)) return { kind: 'sharded', index }
  }
  return undefined
}

/** The files beside the weights that are there and belong to a model. */
function findModelFiles(names: ReadonlySet<string>): readonly string[] {
  return [...REQUIRED_FILES, ...OPTIONAL_FILES].filter((name) => names.has(name))
}

/** What is missing, in words for people; empty when nothing is. */
export function findMissingFiles(names: ReadonlySet<string>): readonly string[] {
  const missing: string[] = REQUIRED_FILES.filter((name) => !names.has(name))
  if (!PROCESSOR_FILES.some((name) => names.has(name))) missing.push(PROCESSOR_FILES.join(' or '))
  if (!findWeights(names)) missing.push('model.safetensors or pytorch_model.bin')
  return missing
}

/**
 * The shards that an index names.
 *
 * @param json what the index file holds
 * @throws FlocapError `invalid_model` when it is of another form or names no plain files.
 */
export function parseShardIndex(json: unknown, index: string): readonly string[] {
  const parsed = indexSchema.safeParse(json)
  if (!parsed.success) {
    throw damagedIndex(index, `${index} has no weight_map.`)
  }
  const shards = [...new Set(Object.values(parsed.data.weight_map))].toSorted()
  if (shards.length === 0 || shards.length > MAX_SHARDS) {
    throw damagedIndex(index, `${index} names ${shards.length} files, not 1 to ${MAX_SHARDS}.`)
  }
  const extension = index.slice(index.indexOf('.'), -'.index.json'.length)
  for (const shard of shards) {
    if (!/^[\w-][\w.-]*$/.test(shard) || !shard.endsWith(extension)) {
      throw damagedIndex(index, `${index} names ${JSON.stringify(shard)}, which is no shard.`)
    }
  }
  return shards
}

function damagedIndex(index: string, message: string): FlocapError {
  return new FlocapError('invalid_model', message, { subject: index })
}
