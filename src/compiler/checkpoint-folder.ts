// A checkpoint folder as published: which files it must have, and how its weights are opened.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import { readModelJson } from '../base/model-json.ts'
import type { SourceFile } from '../compiled/manifest.ts'
import { openSafetensors } from '../weights/safetensors.ts'
import type { TensorFile } from '../weights/tensor-file.ts'
import { openTorchZip } from '../weights/torch-zip.ts'

export const CONFIG_FILE = 'config.json'
export const PREPROCESSOR_FILE = 'preprocessor_config.json'
export const TOKENIZER_FILE = 'tokenizer.json'
export const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json'
const SINGLE_WEIGHTS_FILE = 'model.safetensors'
/** PyTorch's own format: all that some published revisions have. */
const TORCH_WEIGHTS_FILE = 'pytorch_model.bin'
const SHARD_INDEX_FILE = 'model.safetensors.index.json'

/** Large checkpoints come in a handful of shards. */
const MAX_SHARDS = 100

const shardIndexSchema = z.object({ weight_map: z.record(z.string(), z.string()) })

export interface CheckpointFolder {
  readonly path: string
  /** Names of the weight files, relative to the folder. */
  readonly weightFiles: readonly string[]
}

/** @throws FlocapError `model_not_found` or `invalid_model` naming what is missing. */
export async function findCheckpoint(path: string): Promise<CheckpointFolder> {
  let names: Set<string>
  try {
    names = new Set(await readdir(path))
  } catch (error) {
    throw new FlocapError('model_not_found', `There is no model folder at ${path}.`, {
      subject: path,
      hint: 'Give the folder that holds config.json and model.safetensors.',
      cause: error,
    })
  }
  for (const required of [CONFIG_FILE, PREPROCESSOR_FILE, TOKENIZER_FILE, TOKENIZER_CONFIG_FILE]) {
    if (!names.has(required)) throw missing(path, required)
  }
  if (names.has(SINGLE_WEIGHTS_FILE)) return { path, weightFiles: [SINGLE_WEIGHTS_FILE] }
  if (names.has(SHARD_INDEX_FILE)) return { path, weightFiles: await listShards(path, names) }
  if (names.has(TORCH_WEIGHTS_FILE)) return { path, weightFiles: [TORCH_WEIGHTS_FILE] }
  throw missing(path, SINGLE_WEIGHTS_FILE)
}

function missing(path: string, file: string): FlocapError {
  return new FlocapError('invalid_model', `The model folder has no ${file}.`, {
    subject: file,
    hint: `Put the model's own ${file} into ${path}.`,
  })
}

async function listShards(path: string, names: ReadonlySet<string>): Promise<readonly string[]> {
  const index = shardIndexSchema.safeParse(await readModelJson(path, SHARD_INDEX_FILE))
  if (!index.success) {
    throw new FlocapError('invalid_model', `${SHARD_INDEX_FILE} has no weight_map.`, {
      subject: SHARD_INDEX_FILE,
    })
  }
  const shards = [...new Set(Object.values(index.data.weight_map))].toSorted()
  if (shards.length > MAX_SHARDS) {
    throw new FlocapError(
      'invalid_model',
      `${SHARD_INDEX_FILE} names ${shards.length} files, the limit is ${MAX_SHARDS}.`,
      { subject: SHARD_INDEX_FILE },
    )
  }
  // Comparing with the listing also keeps a name like ../../x out.
  for (const shard of shards) if (!names.has(shard)) throw missing(path, shard)
  return shards
}

function openTensorFile(path: string): TensorFile {
  return path.endsWith('.bin') ? openTorchZip(path) : openSafetensors(path)
}

export function openWeights(folder: CheckpointFolder): TensorFile[] {
  const files: TensorFile[] = []
  try {
    for (const name of folder.weightFiles) files.push(openTensorFile(join(folder.path, name)))
    return files
  } catch (error) {
    for (const file of files) file.close()
    throw error
  }
}

/** Size and time of every file that a compiled model is made from. */
export async function statSources(
  folder: CheckpointFolder,
): Promise<readonly Omit<SourceFile, 'sha256'>[]> {
  const names = [
    CONFIG_FILE,
    PREPROCESSOR_FILE,
    TOKENIZER_FILE,
    TOKENIZER_CONFIG_FILE,
    ...folder.weightFiles,
  ]
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder.path, name))
      return { name, bytes: size, modified: mtimeMs }
    }),
  )
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}
