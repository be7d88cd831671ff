// A whole model, or an adapter, from the Hub into one folder: what belongs to it, whether there is room, and whether
// it is what FloCap knows of it.
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { assertFreeSpace, type StoreFileSystem } from './disk.ts'
import { assertKind } from './contents-kind.ts'
import { downloadFile, type WantedFile } from './download-file.ts'
import { storeError } from './failures.ts'
import { type ContentDigest, isExpected } from './hashing.ts'
import type { Hub } from './hub.ts'
import type { HubFile } from './hub-answers.ts'
import { toModelFileName } from './layout.ts'
import { type ContentsKind, parseShardIndex, sortContents } from '../weights/model-files.ts'
import type { OnInstallEvent } from './progress.ts'
import type { RecordedFile } from './record.ts'
import type { KnownFile, KnownModel } from './registry.ts'

/** A progress bar needs no more, and events cost time. */
const PROGRESS_INTERVAL_MS = 100

export interface ModelDownload {
  readonly hub: Hub
  readonly fileSystem: StoreFileSystem
  readonly repository: string
  readonly commit: string
  /** What it must be; undefined takes either. */
  readonly kind: ContentsKind | undefined
  /** The registry's entry for this commit. */
  readonly known: KnownModel | undefined
  /** Made if need be; what an earlier attempt left in it is used. */
  readonly folder: string
  readonly signal: AbortSignal | undefined
  readonly onEvent: OnInstallEvent
}

/**
 * Leaves every file of the model in the folder, each checked against the hash that the Hub announces
 * and against the registry.
 *
 * @throws FlocapError `invalid_model` when the repository lacks files or is not what the registry
 *   pins or of the wanted kind; others as of the Hub and the disk.
 */
export async function downloadModel(download: ModelDownload): Promise<readonly RecordedFile[]> {
  const { hub, repository, commit, known, folder, signal, fileSystem } = download
  await mkdir(folder, { recursive: true })
  const listing = await listTopFiles(download)
  assertKnown(listing, known, repository)
  const first = chooseFiles(listing, download)
  const tally = new Tally(download.onEvent)

  const fetchOne = async (file: WantedFile): Promise<RecordedFile> => {
    const digest = await downloadFile({
      file,
      folder,
      fileSystem,
      sleep: hub.sleep,
      signal,
      open: (range) => hub.openFile(repository, commit, file.path, range, { signal }),
      onReceived: (bytes) => tally.received(file, bytes),
      onRetry: (reason, pauseMs) =>
        download.onEvent({ kind: 'file-retry', path: file.path, reason, pauseMs }),
    })
    assertPinned(digest, known, file.path)
    download.onEvent({ kind: 'file-end', path: file.path, sha256: digest.sha256 })
    return { path: file.path, size: file.size, sha256: digest.sha256 }
  }

  tally.expect(first.files)
  await assertRoom(download, first.files)
  const done: RecordedFile[] = []
  for (const file of first.files) done.push(await fetchOne(file))
  if (first.index !== undefined) {
    const shards = await chooseShards(listing, folder, first.index)
    tally.expect(shards)
    await assertRoom(download, shards)
    for (const shard of shards) done.push(await fetchOne(shard))
  }
  return done
}

/** Everything that a model needs lies at the top of its repository. */
async function listTopFiles(download: ModelDownload): Promise<ReadonlyMap<string, HubFile>> {
  const { hub, repository, commit, signal, onEvent } = download
  const files = await hub.listFiles(repository, commit, {
    signal,
    onRetry: (reason, pauseMs) => onEvent({ kind: 'hub-retry', reason, pauseMs }),
  })
  return new Map(files.filter((file) => !file.path.includes('/')).map((file) => [file.path, file]))
}

/** The files to fetch first: all of them, or all up to the index that names the shards. */
function chooseFiles(
  listing: ReadonlyMap<string, HubFile>,
  { repository, kind }: Pick<ModelDownload, 'repository' | 'kind'>,
): { readonly files: readonly WantedFile[]; readonly index: string | undefined } {
  const { files: beside, weights, missing, ...contents } = sortContents(new Set(listing.keys()))
  assertKind(contents.kind, kind, repository)
  if (missing.length > 0 || !weights) {
    throw storeError('damaged', `${repository} lacks ${missing.join(', ')}.`, {
      subject: repository,
      hint:
        contents.kind === 'adapter'
          ? 'It is no complete LoRA adapter.'
          : 'It is no complete Florence-2 model. If it has only weights, put them into a folder ' +
            'with the other files of the model it was made from, and use that folder.',
    })
  }
  const last = weights.kind === 'single' ? weights.file : weights.index
  const files = [...beside, last].map((name) => toWanted(listing, name))
  return { files, index: weights.kind === 'sharded' ? weights.index : undefined }
}

async function chooseShards(
  listing: ReadonlyMap<string, HubFile>,
  folder: string,
  index: string,
): Promise<readonly WantedFile[]> {
  let json: unknown
  try {
    json = JSON.parse(await readFile(join(folder, index), 'utf8'))
  } catch (error) {
    throw storeError('damaged', `${index} is not JSON.`, { subject: index, cause: error })
  }
  return parseShardIndex(json, index).map((shard) => toWanted(listing, shard))
}

function toWanted(listing: ReadonlyMap<string, HubFile>, name: string): WantedFile {
  const file = listing.get(toModelFileName(name))
  if (file) return file
  throw storeError('damaged', `The model lacks its shard ${name}.`, { subject: name })
}

/**
 * Compares what the Hub announces with what the registry knows, before anything is fetched: a mirror
 * that serves something else under the commit's name is found out here.
 */
function assertKnown(
  listing: ReadonlyMap<string, HubFile>,
  known: KnownModel | undefined,
  repository: string,
): void {
  for (const pin of known?.files ?? []) {
    const file = listing.get(pin.path)
    if (!file) throw toPinError(pin, `${repository} does not have it`)
    if (pin.size !== undefined && pin.size !== file.size) {
      throw toPinError(pin, `it has ${file.size} bytes instead of ${pin.size}`)
    }
    const { sha256 } = file
    if (sha256 !== undefined && !isExpected({ sha256, gitSha1: '' }, pin)) {
      throw toPinError(pin, `its SHA-256 is ${sha256}`)
    }
  }
}

/** Small files are announced with Git's hash only; their SHA-256 is known once they are here. */
function assertPinned(digest: ContentDigest, known: KnownModel | undefined, path: string): void {
  const pin = known?.files.find((file) => file.path === path)
  if (pin && !isExpected(digest, pin)) throw toPinError(pin, `its SHA-256 is ${digest.sha256}`)
}

function toPinError(pin: KnownFile, what: string): Error {
  const hash = pin.sha256 ?? (pin.sha256StartsWith && `${pin.sha256StartsWith}…`)
  return storeError('damaged', `${pin.path} is not the file that FloCap knows: ${what}.`, {
    subject: pin.path,
    hint:
      (hash === undefined ? '' : `Expected SHA-256: ${hash}. `) +
      'The endpoint serves another file under this name: use another endpoint, or name the ' +
      'repository without its commit if that is what you want.',
  })
}

/** Only what is not there yet needs room; parts of files count for what they have. */
async function assertRoom(download: ModelDownload, files: readonly WantedFile[]): Promise<void> {
  const { folder, fileSystem } = download
  const present = await readdir(folder)
  let missing = 0
  for (const file of files) {
    const parts = present.filter((name) => name === file.path || name.startsWith(`${file.path}.`))
    const sizes = await Promise.all(
      parts.map((name) =>
        stat(join(folder, name)).then(
          (found) => found.size,
          () => 0,
        ),
      ),
    )
    missing += file.size - Math.min(file.size, Math.max(0, ...sizes))
  }
  await assertFreeSpace(fileSystem, folder, missing)
}

/** Adds up what is on disk, and tells it not too often. */
class Tally {
  readonly #onEvent: OnInstallEvent
  readonly #received = new Map<string, number>()
  #totalBytes = 0
  #files = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(onEvent: OnInstallEvent) {
    this.#onEvent = onEvent
  }

  /** Called again when an index has named more files. */
  expect(files: readonly WantedFile[]): void {
    this.#files += files.length
    this.#totalBytes += files.reduce((total, file) => total + file.size, 0)
    this.#onEvent({ kind: 'download-start', files: this.#files, totalBytes: this.#totalBytes })
  }

  received(file: WantedFile, bytes: number): void {
    this.#received.set(file.path, bytes)
    const now = performance.now()
    if (now - this.#toldAt < PROGRESS_INTERVAL_MS && bytes < file.size) return
    this.#toldAt = now
    this.#onEvent({
      kind: 'file-progress',
      path: file.path,
      size: file.size,
      received: bytes,
      totalReceived: [...this.#received.values()].reduce((total, each) => total + each, 0),
      totalBytes: this.#totalBytes,
    })
  }
}
