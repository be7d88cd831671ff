// The models on this machine: find, list, verify, remove. install.ts gets new ones.
import { randomBytes } from 'node:crypto'
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { compiledParentOf, listMerged } from './compiled.ts'
import { assertKind } from './contents-kind.ts'
import { renamePatiently } from '../base/durable-files.ts'
import { measureFolder } from './disk.ts'
import { systemCode } from '../base/system-errors.ts'
import { storeError } from './failures.ts'
import { hashFile, isExpected } from './hashing.ts'
import { type InstalledModel, inspectFolder, requireFolder } from './inspect.ts'
import { withLock } from './lock.ts'
import type { ContentsKind } from '../weights/model-files.ts'
import { type FolderModelName, type HubModelName, isCommit, renderModelName } from './model-name.ts'
import { findPlace, listFolder, listPlaces, lockOf, stagingOf } from './places.ts'
import { createRecord, readRecord, writeRecord } from './record.ts'
import { toCancelled } from './retry.ts'
import type { ModelStore } from './store.ts'

/** Beginning of the names of folders that are being removed. */
const DOOMED = 'removed-'

/**
 * The model, or the adapter, if it is complete on this machine; never looks at the network.
 *
 * @throws FlocapError for a folder of the user's own that is not there or not complete, and for what
 *   is of the other kind.
 */
export async function findModel(
  store: ModelStore,
  name: HubModelName | FolderModelName,
  kind: ContentsKind = 'model',
): Promise<InstalledModel | undefined> {
  if (name.kind === 'folder') return requireFolder(name, kind)
  const found = await findInstalled(store, name)
  if (found) assertKind(found.kind, kind, renderModelName(name))
  return found
}

/** As `findModel`, of either kind. */
export async function findInstalled(
  store: ModelStore,
  name: HubModelName | FolderModelName,
): Promise<InstalledModel | undefined> {
  if (name.kind === 'folder') return requireFolder(name)
  const { inspection } = await findPlace(store, name)
  return inspection.state === 'complete' ? inspection.model : undefined
}

export interface ModelList {
  readonly models: readonly InstalledModel[]
  readonly adapters: readonly InstalledModel[]
  /** Folders of the cache that are no complete model, and why. */
  readonly incomplete: readonly IncompleteModel[]
}

interface IncompleteModel {
  readonly folder: string
  readonly problems: readonly string[]
}

export async function listModels(store: ModelStore): Promise<ModelList> {
  const complete: InstalledModel[] = []
  const incomplete: IncompleteModel[] = []
  for (const { folder, inspection } of await listPlaces(store)) {
    if (inspection.state === 'complete') complete.push(inspection.model)
    else if (inspection.state === 'incomplete') {
      incomplete.push({ folder, problems: inspection.problems })
    }
  }
  const ofKind = (kind: ContentsKind): readonly InstalledModel[] =>
    complete.filter((each) => each.kind === kind)
  return { models: ofKind('model'), adapters: ofKind('adapter'), incomplete }
}

export interface Verification {
  /** `unknown`: nobody has published a hash of the weights, so there is nothing to compare. */
  readonly state: 'verified' | 'damaged' | 'unknown'
  /** Which files differ, one sentence part each. */
  readonly problems: readonly string[]
}

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined
  /** Told how many more bytes were read. */
  readonly onBytes?: ((bytes: number) => void) | undefined
}

/**
 * Reads every file of the model and compares its hash with what was downloaded, or with the
 * registry for files that were placed by hand; the result of the latter is remembered.
 *
 * @throws FlocapError `cancelled`
 */
export async function verifyModel(
  store: ModelStore,
  model: InstalledModel,
  options: VerifyOptions = {},
): Promise<Verification> {
  const record = await readRecord(model.folder)
  const expected = new Map(model.known?.files.map((file) => [file.path, file]))
  for (const file of record?.files ?? []) expected.set(file.path, file)
  const problems: string[] = []
  let isKnown = true
  const files: { readonly path: string; readonly size: number; readonly sha256: string }[] = []
  for (const { path, size } of model.files) {
    const digest = await hashOne(join(model.folder, path), size, options)
    const pin = expected.get(path)
    if (pin && !isExpected(digest, pin)) problems.push(`${path} has another SHA-256 than expected`)
    const isWeights = /\.(?:safetensors|bin)$/.test(path)
    const hasHash = pin?.sha256 !== undefined || pin?.sha256StartsWith !== undefined
    if (isWeights && !hasHash) isKnown = false
    files.push({ path, size, sha256: digest.sha256 })
  }
  if (problems.length > 0) return { state: 'damaged', problems }
  if (!isKnown) return { state: 'unknown', problems }
  const isOurs = model.folder.startsWith(store.layout.models + sep)
  if (!record && isOurs) {
    const time = new Date().toISOString()
    await writeRecord(
      model.folder,
      createRecord({
        repository: model.repository ?? null,
        commit: model.commit ?? null,
        endpoint: null,
        installedAt: time,
        verifiedAt: time,
        files,
      }),
    )
  } else if (record && isOurs) {
    await writeRecord(model.folder, { ...record, verifiedAt: new Date().toISOString() })
  }
  return { state: 'verified', problems }
}

async function hashOne(
  path: string,
  size: number,
  options: VerifyOptions,
): ReturnType<typeof hashFile> {
  try {
    return await hashFile(path, size, options)
  } catch (error) {
    if (options.signal?.aborted === true) throw toCancelled(options.signal)
    throw error
  }
}

export interface RemovedModel {
  readonly folder: string
  /** What became free, compiled forms and begun downloads included. */
  readonly bytes: number
}

/**
 * Removes a model of the cache, with its compiled forms and whatever a begun download has left.
 *
 * @throws FlocapError `model_not_found` when it is not here; `model_loading` when its files are in
 *   use (Windows).
 */
export async function removeModel(
  store: ModelStore,
  name: HubModelName,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RemovedModel> {
  const { repository } = name
  return withLock(lockOf(store, repository), options, async () => {
    const { folder, inspection } = await findPlace(store, name)
    const model = inspection.state === 'complete' ? inspection.model : undefined
    const staging = findStaging(store, name, model)
    const leftover = await measureFolder(staging)
    if (inspection.state === 'absent' && leftover === 0) {
      throw storeError('absent', `The model ${renderModelName(name)} is not on this machine.`, {
        subject: renderModelName(name),
      })
    }
    const compiled = model === undefined ? [] : await listMadeFrom(store, model)
    const sizes = await Promise.all([folder, ...compiled].map(measureFolder))
    const bytes = sizes.reduce((sum, size) => sum + size, leftover)
    if (inspection.state !== 'absent') await vanish(store, folder)
    await rm(staging, { recursive: true, force: true })
    for (const made of compiled) await rm(made, { recursive: true, force: true })
    await removeIfEmpty(dirname(folder))
    await rmdir(dirname(staging)).catch(() => undefined)
    return { folder, bytes }
  })
}

/** Folders of what was compiled of a model, or has the adapter in it. */
async function listMadeFrom(store: ModelStore, model: InstalledModel): Promise<readonly string[]> {
  return model.kind === 'model' ? [compiledParentOf(store, model)] : listMerged(store, model.folder)
}

/** Where a download may have been begun; for a branch that was never complete, under any commit. */
function findStaging(
  store: ModelStore,
  { repository, revision }: HubModelName,
  model: InstalledModel | undefined,
): string {
  const commit = model?.commit ?? revision
  const staging = stagingOf(store, repository, commit)
  return isCommit(commit) ? staging : dirname(staging)
}

/** Renames first: the model is there as a whole or not at all, even when removing is cut short. */
async function vanish(store: ModelStore, folder: string): Promise<void> {
  const doomed = join(store.layout.downloads, `${DOOMED}${randomBytes(8).toString('hex')}`)
  await mkdir(store.layout.downloads, { recursive: true })
  try {
    await renamePatiently(folder, doomed)
  } catch (error) {
    if (!['EPERM', 'EACCES', 'EBUSY'].includes(systemCode(error) ?? '')) throw error
    throw storeError('busy', 'Files of the model are in use.', {
      subject: folder,
      hint: 'Stop the server that uses the model, or look at the rights of the folder.',
      cause: error,
    })
  }
  // This one, and what an earlier removal that was cut short has left.
  for (const name of await listFolder(store.layout.downloads)) {
    if (!name.startsWith(DOOMED)) continue
    await rm(join(store.layout.downloads, name), { recursive: true, force: true })
  }
}

/** A repository's folder that holds no model any more, only its refs. */
async function removeIfEmpty(folder: string): Promise<void> {
  const names = await listFolder(folder)
  for (const name of names) {
    const inspection = await inspectFolder(join(folder, name)).catch(() => undefined)
    if (inspection?.state !== 'absent') return
  }
  if (names.every((name) => name === 'refs.json')) {
    await rm(folder, { recursive: true, force: true })
  }
}
