// Getting a model onto this machine, once, whoever asks and however often.
import { randomBytes } from 'node:crypto'
import { copyFile, link, mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { toOfflineError } from './by-hand.ts'
import { renamePatiently, syncFiles } from '../base/durable-files.ts'
import { assertKind } from './contents-kind.ts'
import { downloadModel } from './download.ts'
import { systemCode } from '../base/system-errors.ts'
import { storeError } from './failures.ts'
import { type InstalledModel, inspectFolder, requireFolder } from './inspect.ts'
import { withLock } from './lock.ts'
import {
  ADAPTER_CONFIG_FILE,
  type ContentsKind,
  OPTIONAL_FILES,
  REQUIRED_FILES,
} from '../weights/model-files.ts'
import { type FolderModelName, type HubModelName, isCommit, renderModelName } from './model-name.ts'
import { removeParts } from './part-file.ts'
import { findPlace, folderOf, listFolder, lockOf, stagingOf } from './places.ts'
import type { OnInstallEvent } from './progress.ts'
import { createRecord, writeRecord } from './record.ts'
import { writeRef } from './refs.ts'
import { findKnownRevision } from './registry.ts'
import type { ModelStore } from './store.ts'

export interface InstallOptions {
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: OnInstallEvent | undefined
  /** Ask the Hub whether the branch or tag has moved, even when a commit of it is here. */
  readonly refresh?: boolean
  /** What it must be; where this is absent, a model or an adapter. */
  readonly kind?: ContentsKind
}

/**
 * The model or adapter, fetched if it is not here yet. Two processes that ask at once fetch it once.
 *
 * @throws FlocapError: `model_not_found`, `model_access_denied`, `model_download_failed`, `disk_full`
 *   or `invalid_model` with what is wrong and what to do; `cancelled` when `signal` fires. A later call
 *   goes on where this one stopped.
 */
export async function installModel(
  store: ModelStore,
  name: HubModelName | FolderModelName,
  options: InstallOptions = {},
): Promise<InstalledModel> {
  if (name.kind === 'folder') return requireFolder(name, options.kind)
  const here = await findPlace(store, name)
  const mayHaveMoved = options.refresh === true && !isCommit(name.revision) && !store.offline
  if (here.inspection.state === 'complete' && !mayHaveMoved) {
    return requireKind(here.inspection.model, name, options.kind)
  }
  if (store.offline) throw toOfflineError(name, here, options.kind)
  const onEvent = options.onEvent ?? ((): void => undefined)
  const lock = {
    signal: options.signal,
    onWait: (owner: { readonly pid: number } | undefined): void =>
      onEvent({ kind: 'lock-wait', pid: owner?.pid }),
  }
  return withLock(lockOf(store, name.repository), lock, async () => {
    // Whoever held the lock may have fetched this very model.
    const now = await findPlace(store, name)
    if (now.inspection.state === 'complete' && !mayHaveMoved) {
      return requireKind(now.inspection.model, name, options.kind)
    }
    return fetchModel(store, name, { ...options, onEvent })
  })
}

function requireKind(
  model: InstalledModel,
  name: HubModelName,
  kind: ContentsKind | undefined,
): InstalledModel {
  assertKind(model.kind, kind, renderModelName(name))
  return model
}

async function fetchModel(
  store: ModelStore,
  name: HubModelName,
  options: InstallOptions & { readonly onEvent: OnInstallEvent },
): Promise<InstalledModel> {
  const { hub, fileSystem, logger } = store
  const { repository, revision } = name
  const { signal, onEvent } = options
  onEvent({ kind: 'hub-question', endpoint: hub.endpoint })
  const commit = isCommit(revision)
    ? revision
    : await hub.resolveCommit(repository, revision, {
        signal,
        onRetry: (reason, pauseMs) => onEvent({ kind: 'hub-retry', reason, pauseMs }),
      })
  const known = findKnownRevision(repository, commit)
  const folder = folderOf(store, repository, commit)
  const current = await inspectFolder(folder, { repository, commit, known })
  if (current.state === 'complete') {
    await rememberRevision(store, name, commit)
    return requireKind(current.model, name, options.kind)
  }

  const staging = stagingOf(store, repository, commit)
  await mkdir(staging, { recursive: true })
  await adoptFiles(folder, staging)
  logger.info({ repository, commit }, 'fetching a model')
  const files = await downloadModel({
    hub,
    fileSystem,
    repository,
    commit,
    kind: options.kind,
    known,
    folder: staging,
    signal,
    onEvent,
  })
  await removeParts(staging)
  await syncFiles(files.map((file) => join(staging, file.path)))
  const time = new Date().toISOString()
  const record = createRecord({
    repository,
    commit,
    endpoint: hub.endpoint,
    installedAt: time,
    verifiedAt: time,
    files: [...files],
  })
  await writeRecord(staging, record)
  await publish(store, staging, folder)
  await rememberRevision(store, name, commit)
  const published = await inspectFolder(folder, { repository, commit, known })
  if (published.state !== 'complete') {
    throw storeError('damaged', `The model ${repository} changed while it was installed.`, {
      subject: repository,
      hint: `Look whether another program works in ${folder}.`,
    })
  }
  onEvent({ kind: 'download-end', folder })
  logger.info({ repository, commit, folder }, 'the model is complete')
  return published.model
}

async function rememberRevision(
  store: ModelStore,
  { repository, revision }: HubModelName,
  commit: string,
): Promise<void> {
  if (!isCommit(revision)) await writeRef(store, repository, revision, commit)
}

/** Takes files that somebody has placed by hand into account: the download checks and keeps them. */
async function adoptFiles(folder: string, staging: string): Promise<void> {
  const wanted = new Set<string>([...REQUIRED_FILES, ...OPTIONAL_FILES, ADAPTER_CONFIG_FILE])
  for (const name of await listFolder(folder)) {
    if (!wanted.has(name) && !/\.(?:safetensors|bin)(?:\.index\.json)?$/.test(name)) continue
    await linkOrCopy(join(folder, name), join(staging, name))
  }
}

/** A second name for the same bytes, or a copy on disks that have no such thing. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST') return
    await copyFile(from, to)
  }
}

/** Makes the complete folder appear at its place at once, so that nobody sees half of it. */
async function publish(store: ModelStore, staging: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const replaced = join(
    dirname(staging),
    `replaced-${basename(folder)}-${randomBytes(4).toString('hex')}`,
  )
  const hadFolder = (await listFolder(dirname(folder))).includes(basename(folder))
  if (hadFolder) await renamePatiently(folder, replaced)
  await renamePatiently(staging, folder)
  if (hadFolder) await discardReplaced(store, replaced, folder)
  await rmdir(dirname(staging)).catch(() => undefined)
}

/** Of a folder that was replaced, what the new one has too is removed; anything else is kept. */
async function discardReplaced(store: ModelStore, replaced: string, folder: string): Promise<void> {
  const present = new Set(await readdir(folder))
  for (const name of await readdir(replaced)) {
    if (present.has(name)) await rm(join(replaced, name), { recursive: true, force: true })
  }
  if ((await readdir(replaced)).length === 0) await rmdir(replaced)
  else store.logger.warn({ folder: replaced }, 'kept files that do not belong to the model')
}
