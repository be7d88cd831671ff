// A checkpoint folder as published: which files it must have, and how its weights are opened.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import { readModelJson } from '../base/model-json.ts'
import type { SourceFile } from '../compiled/manifest.ts'
import { type Adapter, parseAdapter } from '../weights/adapter.ts'
import {
  ADAPTER_CONFIG_FILE,
  ADAPTER_WEIGHTS,
  COMPILED_FILES,
  findMissingFiles,
  findWeights,
  parseShardIndex,
} from '../weights/model-files.ts'
import { openSafetensors } from '../weights/safetensors.ts'
import type { TensorFile } from '../weights/tensor-file.ts'
import { openTorchZip } from '../weights/torch-zip.ts'

export interface CheckpointFolder {
  readonly path: string
  /** Names of the weight files, relative to the folder. */
  readonly weightFiles: readonly string[]
  /** Names of the other files that count. */
  readonly configFiles: readonly string[]
  readonly adapter?: AdapterFolder
}

/** A LoRA adapter that is merged into the checkpoint. */
export interface AdapterFolder {
  readonly path: string
  /** Name of its weights, relative to the folder. */
  readonly weightFile: string
}

/** @throws FlocapError `model_not_found` or `invalid_model` naming what is missing. */
async function findAdapter(path: string): Promise<AdapterFolder> {
  const names = await readdir(path).catch((error: unknown) => {
    throw new FlocapError('model_not_found', `There is no adapter folder at ${path}.`, {
      subject: path,
      hint: `Give the folder that holds ${ADAPTER_CONFIG_FILE}.`,
      cause: error,
    })
  })
  const weightFile = ADAPTER_WEIGHTS.find((name) => names.includes(name))
  if (!names.includes(ADAPTER_CONFIG_FILE)) throw lacks(path, ADAPTER_CONFIG_FILE, 'adapter')
  if (weightFile === undefined) throw lacks(path, ADAPTER_WEIGHTS.join(' or '), 'adapter')
  return { path, weightFile }
}

/** @throws FlocapError `invalid_model` for an adapter of another kind or a damaged one. */
export async function openAdapter({ path, weightFile }: AdapterFolder): Promise<Adapter> {
  const config = await readModelJson(path, ADAPTER_CONFIG_FILE)
  const file = openTensorFile(join(path, weightFile))
  try {
    return parseAdapter(config, file)
  } catch (error) {
    file.close()
    throw error
  }
}

/**
 * @param adapter folder of a LoRA adapter that belongs to it
 * @throws FlocapError `model_not_found` or `invalid_model` naming what is missing.
 */
export async function findCheckpoint(path: string, adapter?: string): Promise<CheckpointFolder> {
  const folder = await findFiles(path)
  return adapter === undefined ? folder : { ...folder, adapter: await findAdapter(adapter) }
}

async function findFiles(path: string): Promise<CheckpointFolder> {
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
  const [missing] = findMissingFiles(names)
  if (missing !== undefined) throw lacks(path, missing)
  const weights = findWeights(names)
  if (!weights) throw lacks(path, 'weights')
  const configFiles = COMPILED_FILES.filter((name) => names.has(name))
  if (weights.kind === 'single') return { path, weightFiles: [weights.file], configFiles }
  const shards = parseShardIndex(await readModelJson(path, weights.index), weights.index)
  for (const shard of shards) if (!names.has(shard)) throw lacks(path, shard)
  return { path, weightFiles: shards, configFiles }
}

function lacks(path: string, file: string, what: 'model' | 'adapter' = 'model'): FlocapError {
  return new FlocapError('invalid_model', `The ${what} folder has no ${file}.`, {
    subject: file,
    hint: `Put the ${what}'s own ${file} into ${path}.`,
  })
}

/** What a file of the folder holds; undefined where there is none. @throws FlocapError `invalid_model` */
export async function readOptionalJson(
  { path, configFiles }: CheckpointFolder,
  file: string,
): Promise<unknown> {
  return configFiles.includes(file) ? readModelJson(path, file) : undefined
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
  const { adapter } = folder
  const added = adapter === undefined ? [] : [ADAPTER_CONFIG_FILE, adapter.weightFile]
  const names = [
    ...folder.configFiles,
    ...folder.weightFiles,
    ...added.map((name) => `${ADAPTER_PREFIX}${name}`),
  ]
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(sourcePath(folder, name))
      return { name, bytes: size, modified: mtimeMs }
    }),
  )
}

const ADAPTER_PREFIX = 'adapter/'

/** Where a file lies that `statSources` names. */
export function sourcePath({ path, adapter }: CheckpointFolder, name: string): string {
  return adapter !== undefined && name.startsWith(ADAPTER_PREFIX)
    ? join(adapter.path, name.slice(ADAPTER_PREFIX.length))
    : join(path, name)
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}
