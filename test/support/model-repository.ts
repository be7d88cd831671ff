// Repositories with the files of a model and weights of random bytes: what they say does not matter
// for fetching them.
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelStore, type ModelStore, type StoreOptions } from '../../src/store/store.ts'
import { type HubModelName, parseModelName } from '../../src/store/model-name.ts'
import { gitFile, lfsFile, type StandInFile, type StandInRepository } from './stand-in-hub.ts'

export const COMMIT = '1234567890abcdef1234567890abcdef12345678'

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed = 'noise'): Buffer {
  const blocks: Buffer[] = []
  for (let index = 0; index * 32 < length; index += 1) {
    blocks.push(createHash('sha256').update(`${seed}${index}`).digest())
  }
  return Buffer.concat(blocks).subarray(0, length)
}

/** Everything but weights. */
function smallFiles(): Record<string, StandInFile> {
  return {
    '.gitattributes': gitFile('*.bin filter=lfs'),
    'README.md': gitFile('A model.'),
    LICENSE: gitFile('MIT'),
    'config.json': gitFile('{"model_type":"florence2"}'),
    'preprocessor_config.json': gitFile('{}'),
    'tokenizer.json': gitFile('{"version":"1.0"}'),
    'tokenizer_config.json': gitFile('{"model_max_length":1024}'),
    'vocab.json': gitFile('{}'),
    'modeling_florence2.py': gitFile('import os'),
    'onnx/model.onnx': lfsFile(Buffer.from('onnx')),
  }
}

export function modelRepository(
  weights: Readonly<Record<string, StandInFile>>,
  more: Partial<StandInRepository> = {},
): StandInRepository {
  return { commit: COMMIT, files: { ...smallFiles(), ...weights }, ...more }
}

/** A repository's name as the command line would give it. */
export function hubName(text: string): HubModelName {
  const name = parseModelName(text)
  if (name.kind !== 'hub') throw new Error(`${text} is not on the Hub`)
  return name
}

export interface TemporaryStore {
  readonly root: string
  /** A store in the same folder, with other options. */
  open(options?: Partial<StoreOptions>): ModelStore
  remove(): Promise<void>
}

export async function createTemporaryStore(
  defaults: Partial<StoreOptions> = {},
): Promise<TemporaryStore> {
  const root = await mkdtemp(join(tmpdir(), 'flocap-store-'))
  return {
    root,
    open: (options = {}) => createModelStore({ ...defaults, ...options, root }),
    remove: () => rm(root, { recursive: true, force: true }),
  }
}

/** Pauses between attempts that take no time; remembers how long they would have been. */
export function createFastSleep(): ((ms: number) => Promise<void>) & { readonly pauses: number[] } {
  const pauses: number[] = []
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms)
    return Promise.resolve()
  }
  return Object.assign(sleep, { pauses })
}
