// What models are on this machine, what was compiled of them, and how well.
import { join } from 'node:path'
import { type QuantisationReport, readManifest } from '../compiled/manifest.ts'
import type { Settings } from '../config/settings.ts'
import { compiledParentOf, listMerged } from '../store/compiled.ts'
import { measureFolder } from '../store/disk.ts'
import { type InstalledModel, inspectFolder } from '../store/inspect.ts'
import { listModels, type ModelList } from '../store/models.ts'
import { listFolder } from '../store/places.ts'
import type { ModelStore } from '../store/store.ts'
import { readBaseModel } from './adapter-base.ts'
import { createLogger } from './log.ts'
import { BUNDLED_SOURCE, type ModelSource } from './model-source.ts'
import { nameOf } from './model-names.ts'
import { openStore } from './open-store.ts'
import { readOwnTaskTokens } from './own-task-tokens.ts'

export interface CompiledForm {
  readonly precision: string
  /** Relative L2 of the encoder's output against float32; null where nothing was measured. */
  readonly error: number | null
  readonly withinBound: boolean | null
  readonly bytes: number
}

export interface ListedModel {
  /** What `--model` takes. */
  readonly name: string
  readonly id: string
  /** The checkpoint's own files. */
  readonly bytes: number
  readonly source: 'bundled' | 'download' | 'hand'
  readonly repository: string | null
  readonly commit: string | null
  /** Whether all hashes were compared since the files came there. */
  readonly verified: boolean
  readonly folder: string
  readonly compiled: readonly CompiledForm[]
  /** Tokens of tasks of its own, such as `<MY_TASK>`. */
  readonly taskTokens: readonly string[]
  /** Checkpoint and compiled forms together; the bundled model's own files are not in the cache. */
  readonly diskBytes: number
}

/** A LoRA adapter in the cache. */
export interface ListedAdapter extends Pick<
  ListedModel,
  'name' | 'id' | 'bytes' | 'source' | 'repository' | 'commit' | 'verified' | 'folder' | 'diskBytes'
> {
  /** The model that it was trained on, as its own file names it. */
  readonly base: string | null
}

export interface ModelListing {
  readonly home: string
  readonly models: readonly ListedModel[]
  readonly adapters: readonly ListedAdapter[]
  readonly incomplete: ModelList['incomplete']
}

export async function listAllModels(settings: Settings): Promise<ModelListing> {
  const store = openStore(settings, createLogger({ level: 'warn' }))
  const { models, adapters, incomplete } = await listModels(store)
  const bundled = await listBundled(store)
  return {
    home: store.layout.root,
    models: [bundled, ...(await Promise.all(models.map((model) => listOne(store, model))))],
    adapters: await Promise.all(adapters.map((adapter) => listAdapter(store, adapter))),
    incomplete,
  }
}

async function listOne(store: ModelStore, model: InstalledModel): Promise<ListedModel> {
  const compiled = await listCompiled(store, model)
  return {
    ...(await describeInstalled(store, model)),
    compiled,
    taskTokens: await readOwnTaskTokens(model.folder),
    diskBytes: model.sizeBytes + sumOf(compiled),
  }
}

async function listAdapter(store: ModelStore, adapter: InstalledModel): Promise<ListedAdapter> {
  const merged = await Promise.all((await listMerged(store, adapter.folder)).map(measureFolder))
  return {
    ...(await describeInstalled(store, adapter)),
    base: await readBaseModel(adapter).then(
      (base) => base?.name ?? null,
      () => null,
    ),
    diskBytes: merged.reduce((sum, bytes) => sum + bytes, adapter.sizeBytes),
  }
}

async function describeInstalled(
  store: ModelStore,
  model: InstalledModel,
): Promise<Omit<ListedModel, 'compiled' | 'diskBytes' | 'taskTokens'>> {
  return {
    name: await nameOf(store, model),
    id: model.id,
    bytes: model.sizeBytes,
    source: model.source,
    repository: model.repository ?? null,
    commit: model.commit ?? null,
    verified: model.verified,
    folder: model.folder,
  }
}

async function listBundled(store: ModelStore): Promise<ListedModel> {
  const inspection = await inspectFolder(BUNDLED_SOURCE.folder)
  const compiled = await listCompiled(store, BUNDLED_SOURCE)
  return {
    name: 'bundled',
    id: BUNDLED_SOURCE.id,
    bytes: inspection.state === 'complete' ? inspection.model.sizeBytes : 0,
    source: 'bundled',
    repository: null,
    commit: null,
    verified: false,
    folder: BUNDLED_SOURCE.folder,
    compiled,
    taskTokens: await readOwnTaskTokens(BUNDLED_SOURCE.folder),
    diskBytes: sumOf(compiled),
  }
}

async function listCompiled(
  store: ModelStore,
  model: Pick<ModelSource, 'id' | 'folder'>,
): Promise<readonly CompiledForm[]> {
  const parent = compiledParentOf(store, model)
  const forms: CompiledForm[] = []
  for (const variant of await listFolder(parent)) {
    const folder = join(parent, variant)
    // What another version has made is made anew at the next start; it is no form of this one.
    const manifest = await readManifest(folder).catch(() => undefined)
    if (!manifest || variant.startsWith('.')) continue
    forms.push({
      precision: manifest.precision,
      ...toMeasured(manifest.quantisation),
      bytes: await measureFolder(folder),
    })
  }
  return forms
}

function toMeasured(
  report: QuantisationReport | null,
): Pick<CompiledForm, 'error' | 'withinBound'> {
  return {
    error: report?.error.encoderOutput ?? null,
    withinBound: report?.withinBound ?? null,
  }
}

function sumOf(forms: readonly CompiledForm[]): number {
  return forms.reduce((total, { bytes }) => total + bytes, 0)
}
