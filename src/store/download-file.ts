// One file from the Hub to the disk: continued after breaks, and kept only when its content is what
// was announced.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { renamePatiently } from '../base/durable-files.ts'
import { toDiskError } from '../base/system-errors.ts'
import { type StoreFileSystem } from './disk.ts'
import { storeError } from './failures.ts'
import { type ContentDigest, type ExpectedContent, hashFile, isExpected } from './hashing.ts'
import { type DownloadRange, type HubDownload, WrongRange } from './hub-answers.ts'
import { PartFile } from './part-file.ts'
import { Retries, type Sleep, toCancelled, TransientFailure } from './retry.ts'

/** A damaged copy in a cache on the way may pass; the same damage three times will not. */
const MAX_DAMAGED = 3

/** A server that twice in a row has no right answer to a range is asked for the whole file. */
const MAX_MISPLACED = 2

export interface WantedFile extends ExpectedContent {
  readonly path: string
  readonly size: number
}

export interface FileDownload {
  readonly file: WantedFile
  /** Where the file, and its part before, are kept. */
  readonly folder: string
  readonly fileSystem: StoreFileSystem
  readonly sleep: Sleep
  readonly signal: AbortSignal | undefined
  /** One request for the file, as of `Hub.openFile`. */
  open(range: DownloadRange): Promise<HubDownload>
  /** Told how many bytes of the file are on disk, whenever that changes. */
  onReceived(bytes: number): void
  onRetry(reason: string, pauseMs: number): void
}

/** What arrived is not the file; beginning again may help. */
class DamagedDownload extends Error {
  override readonly name = 'DamagedDownload'
}

/**
 * Leaves the file, complete and checked, in the folder. A file that is there already is checked and
 * kept.
 *
 * @throws FlocapError when it cannot be had, the disk is full, or `cancelled`; what has arrived stays
 *   for the next attempt.
 */
export async function downloadFile(download: FileDownload): Promise<ContentDigest> {
  const { file, folder, fileSystem, signal } = download
  const target = join(folder, file.path)
  const present = await checkPresent(target, file, signal)
  if (present) {
    download.onReceived(file.size)
    return present
  }
  try {
    const part = await PartFile.open({
      folder,
      file: file.path,
      size: file.size,
      content: file.sha256 ?? file.gitSha1 ?? 'unknown',
      fileSystem,
    })
    try {
      const digest = await fill(part, download)
      await part.close()
      await renamePatiently(part.path, target)
      return digest
    } catch (error) {
      await part.close().catch(() => undefined)
      throw error
    }
  } catch (error) {
    throw toDiskError(error, {
      what: 'The download',
      path: folder,
      bytes: file.size,
      hint: 'What has arrived so far is kept.',
    })
  }
}

/** The digest of a file that an earlier run has finished; removes one that is something else. */
async function checkPresent(
  target: string,
  file: WantedFile,
  signal: AbortSignal | undefined,
): Promise<ContentDigest | undefined> {
  const found = await stat(target).catch(() => undefined)
  if (!found) return undefined
  if (found.size === file.size) {
    const digest = await hashFile(target, file.size, { signal })
    if (isExpected(digest, file)) return digest
  }
  await rm(target, { force: true })
  return undefined
}

async function fill(part: PartFile, download: FileDownload): Promise<ContentDigest> {
  const { file, sleep, signal } = download
  const retries = new Retries({ sleep, signal, onRetry: (...what) => download.onRetry(...what) })
  const etags: EtagMemory = { current: undefined }
  let damaged = 0
  let misplaced = 0
  for (;;) {
    const before = part.size
    download.onReceived(before)
    try {
      if (part.size < file.size) await receive(part, download, etags)
      const digest = part.digest()
      if (isExpected(digest, file)) return digest
      throw new DamagedDownload('its content has another hash than announced')
    } catch (error) {
      if (signal?.aborted === true) throw toCancelled(signal)
      if (error instanceof DamagedDownload) {
        damaged += 1
        await part.restart()
        etags.current = undefined
        if (damaged >= MAX_DAMAGED) throw toDamagedError(file, error, damaged)
        download.onRetry(`${file.path} arrived damaged: ${error.message}.`, 0)
      } else if (error instanceof TransientFailure) {
        const progressed = part.size > before
        misplaced = error instanceof WrongRange ? misplaced + 1 : 0
        if (misplaced >= MAX_MISPLACED) await part.restart()
        await retries.pause(error, progressed)
      } else throw error
    }
  }
}

interface EtagMemory {
  /** Of the answer that the bytes in the part came from, while this process knows it. */
  current: string | undefined
}

/** One request; returns when the part is complete. */
async function receive(part: PartFile, download: FileDownload, etags: EtagMemory): Promise<void> {
  const { file } = download
  const answer = await download.open({ offset: part.size, etag: etags.current })
  try {
    assertSameFile(answer, file)
    // The server does not do ranges, or the file behind the address has changed.
    if (answer.start !== part.size) await part.restart()
    etags.current = answer.etag
    for await (const chunk of answer.body()) {
      if (part.size + chunk.length > file.size) {
        throw new DamagedDownload(`it is longer than ${file.size} bytes`)
      }
      await part.append(chunk)
      download.onReceived(part.size)
    }
  } catch (error) {
    answer.discard()
    throw error
  }
  if (part.size < file.size) {
    throw new TransientFailure(`The connection ended at ${part.size} of ${file.size} bytes.`)
  }
}

function assertSameFile({ size, announced }: HubDownload, file: WantedFile): void {
  if (size !== undefined && size !== file.size) {
    throw new DamagedDownload(`the server has ${size} bytes of it instead of ${file.size}`)
  }
  const expected = announced?.length === 64 ? file.sha256 : file.gitSha1
  if (announced !== undefined && expected !== undefined && announced !== expected) {
    throw new DamagedDownload('the server announces another content than its listing')
  }
}

function toDamagedError(file: WantedFile, cause: DamagedDownload, times: number): Error {
  return storeError('download', `${file.path} arrived damaged ${times} times: ${cause.message}.`, {
    subject: file.path,
    hint: 'A proxy or mirror on the way changes the file: try another endpoint or another network.',
    cause,
  })
}
