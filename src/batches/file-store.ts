// Uploaded files and outputs of batches: a folder for each, with its content and what is known of it.
//
//   <root>/<owner>/files/<id>/file.json
//   <root>/<owner>/files/<id>/content
//
// A folder comes by a rename when it is whole, and goes by one before it is emptied: no reader meets a
// part of it. What a killed process was making has a name that begins with a dot.
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import { formatBytes } from '../base/format-bytes.ts'
import { makeFolder } from '../base/make-folder.ts'
import { replaceFile } from '../base/replace-file.ts'
import { systemCode } from '../base/system-errors.ts'
import { createFileId, isFileId } from './ids.ts'
import { FileObject, secondsNow, type UploadPurpose } from './objects.ts'
import { linkOrCopy } from './link-or-copy.ts'
import { namesIn } from './names-in.ts'
import { pageOf, type Page, type PageRequest } from './page.ts'
import { toStorageError } from './storage-error.ts'
import { type Amount, createStoredAmount } from './stored-amount.ts'

const CONTENT = 'content'
const RECORD = 'file.json'
const STORING = 'Storing the file'

/** OpenAI keeps inputs and outputs of batches for thirty days. */
export const BATCH_FILE_SECONDS = 30 * 24 * 3600

/** Ten pages of a list: empty files take no bytes, and fill a disk all the same. */
const MAX_FILES = 100_000

export interface FileLimits {
  /** Bytes of one file. */
  readonly maxFileBytes: number
  /** Bytes of all files of one owner. */
  readonly maxStoredBytes: number
  /** Of one owner; fewer in tests. */
  readonly maxFiles?: number
}

export interface NewFile {
  readonly filename: string
  readonly purpose: FileObject['purpose']
  /** Seconds from now; undefined for never. */
  readonly expiresAfter: number | undefined
}

export interface FileStore {
  /**
   * Stores what `content` gives, then what `describe` says of it: a form may name its fields behind the
   * file.
   *
   * @throws FlocapError body_too_large, storage_full, disk_full, and what `content` or `describe` throws;
   *   nothing is kept then.
   */
  add(
    owner: string,
    content: AsyncIterable<Uint8Array>,
    describe: (bytes: number) => Promise<NewFile>,
  ): Promise<FileObject>
  /** A file of this server becomes one of the owner's, under the id that was chosen before. */
  adopt(owner: string, id: string, path: string, file: NewFile): Promise<void>
  /** @throws FlocapError not_found, for ids of other owners too. */
  get(owner: string, id: string): Promise<FileObject>
  has(owner: string, id: string): Promise<boolean>
  list(owner: string, page: FilePageRequest): Promise<Page<FileObject>>
  /** @throws FlocapError not_found. */
  content(
    owner: string,
    id: string,
  ): Promise<{ file: FileObject; stream: AsyncIterable<Uint8Array> }>
  /** As a hard link, so that the content stays when the file is deleted. @throws FlocapError not_found. */
  linkTo(owner: string, id: string, path: string): Promise<void>
  read(owner: string, id: string): Promise<Uint8Array>
  /** @throws FlocapError not_found. */
  remove(owner: string, id: string): Promise<void>
  /** Bytes of all files of an owner, those that are arriving included. */
  storedBytes(owner: string): Promise<number>
  /** Removes what killed processes were making; before anything is made. */
  removeLeftovers(): Promise<void>
  /** Removes what has expired, of all owners. */
  removeExpired(signal: AbortSignal): Promise<void>
}

export interface FilePageRequest extends PageRequest {
  readonly purpose?: FileObject['purpose'] | undefined
}

export function createFileStore(root: string, limits: FileLimits): FileStore {
  const { maxStoredBytes: bytes, maxFiles: files = MAX_FILES } = limits
  const stored = createStoredAmount({ files, bytes }, count)
  const folderOf = (owner: string): string => join(root, owner, 'files')
  const pathOf = (owner: string, id: string): string => join(folderOf(owner), id)

  async function idsOf(owner: string): Promise<string[]> {
    return (await namesIn(folderOf(owner))).filter((name) => isFileId(name)).toSorted()
  }

  async function record(owner: string, id: string): Promise<FileObject | undefined> {
    try {
      return FileObject.parse(JSON.parse(await readFile(join(pathOf(owner, id), RECORD), 'utf8')))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  async function find(owner: string, id: string): Promise<FileObject | undefined> {
    const file = isFileId(id) ? await record(owner, id) : undefined
    return file === undefined || isExpired(file) ? undefined : file
  }

  async function get(owner: string, id: string): Promise<FileObject> {
    const file = await find(owner, id)
    if (file === undefined) throw noSuchFile(id)
    return file
  }

  async function count(owner: string): Promise<Amount> {
    const ids = await idsOf(owner)
    let sum = 0
    for (const id of ids) sum += (await record(owner, id))?.bytes ?? 0
    return { files: ids.length, bytes: sum }
  }

  /** What a file takes of its owner's room while it is made; all of it goes back when that fails. */
  function openRoom(owner: string) {
    let taken: Amount = { files: 0, bytes: 0 }
    const note = ({ files: more, bytes: moreBytes }: Amount): void => {
      taken = { files: taken.files + more, bytes: taken.bytes + moreBytes }
    }
    return {
      async take(more: Amount): Promise<void> {
        if (!(await stored.take(owner, more))) throw quotaUsed(limits)
        note(more)
      },
      /** Answers are never thrown away for want of room; the next upload is refused. */
      async add(more: Amount): Promise<void> {
        await stored.add(owner, more)
        note(more)
      },
      giveBack: async () => stored.giveBack(owner, taken),
    }
  }

  async function write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    room: Room,
  ): Promise<number> {
    await room.take({ files: 1, bytes: 0 })
    const file = await open(path, 'wx')
    let written = 0
    try {
      for await (const chunk of content) {
        written += chunk.byteLength
        if (written > limits.maxFileBytes) throw tooLarge(limits.maxFileBytes)
        await room.take({ files: 0, bytes: chunk.byteLength })
        await file.writeFile(chunk)
      }
      await file.datasync()
    } finally {
      await file.close()
    }
    return written
  }

  /** Makes the folder beside its place, then puts it there. */
  async function publish(
    owner: string,
    id: string,
    make: (folder: string, room: Room) => Promise<FileObject>,
  ): Promise<FileObject> {
    const unfinished = join(folderOf(owner), `.${id}`)
    const room = openRoom(owner)
    try {
      await makeFolder(unfinished)
      const file = await make(unfinished, room)
      await replaceFile(join(unfinished, RECORD), `${JSON.stringify(file)}\n`)
      await rename(unfinished, pathOf(owner, id))
      return file
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true }).catch(() => undefined)
      await room.giveBack().catch(() => undefined)
      throw toStorageError(error, STORING)
    }
  }

  async function drop(owner: string, file: FileObject): Promise<void> {
    const { id } = file
    const leaving = join(folderOf(owner), `.${id}`)
    await unlessGone(id, rename(pathOf(owner, id), leaving))
    await stored.giveBack(owner, { files: 1, bytes: file.bytes })
    await rm(leaving, { recursive: true, force: true })
  }

  return {
    get,
    has: async (owner, id) => (await find(owner, id)) !== undefined,
    async add(owner, content, describe) {
      const id = createFileId()
      return publish(owner, id, async (folder, room) => {
        const written = await write(join(folder, CONTENT), content, room)
        return toFile(id, written, await describe(written))
      })
    },
    async adopt(owner, id, path, file) {
      if ((await find(owner, id)) !== undefined) return
      await publish(owner, id, async (folder, room) => {
        const content = join(folder, CONTENT)
        await rm(content, { force: true })
        const size = await linkOrCopy(path, content)
        await room.add({ files: 1, bytes: size })
        return toFile(id, size, file)
      })
    },
    async list(owner, request) {
      const { purpose } = request
      return pageOf(await idsOf(owner), request, async (id) => {
        const file = await find(owner, id)
        return purpose === undefined || file?.purpose === purpose ? file : undefined
      })
    },
    async content(owner, id) {
      const file = await get(owner, id)
      // Opened before the answer begins: a file that is deleted meanwhile is still sent as a whole.
      const handle = await unlessGone(id, open(join(pathOf(owner, id), CONTENT)))
      return { file, stream: handle.createReadStream() }
    },
    async linkTo(owner, id, path) {
      await get(owner, id)
      await unlessGone(id, linkOrCopy(join(pathOf(owner, id), CONTENT), path))
    },
    async read(owner, id) {
      await get(owner, id)
      return unlessGone(id, readFile(join(pathOf(owner, id), CONTENT)))
    },
    async remove(owner, id) {
      await drop(owner, await get(owner, id))
    },
    storedBytes: async (owner) => (await stored.of(owner)).bytes,
    async removeLeftovers() {
      for (const owner of await namesIn(root)) {
        const left = (await namesIn(folderOf(owner))).filter((name) => name.startsWith('.'))
        for (const name of left) await rm(pathOf(owner, name), { recursive: true, force: true })
      }
    },
    async removeExpired(signal) {
      for (const owner of await namesIn(root)) {
        for (const id of await idsOf(owner)) {
          if (signal.aborted) return
          const file = await record(owner, id)
          if (file !== undefined && isExpired(file)) await drop(owner, file).catch(ignoreGone)
        }
      }
    },
  }
}

interface Room {
  /** @throws FlocapError storage_full. */
  take(more: Amount): Promise<void>
  add(more: Amount): Promise<void>
}

/** A file may go between two looks at it. @throws FlocapError not_found. */
async function unlessGone<T>(id: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw noSuchFile(id)
    throw error
  }
}

/** Somebody else has deleted it. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof FlocapError) || error.code !== 'not_found') throw error
}

function isExpired({ expires_at }: FileObject): boolean {
  return (expires_at ?? Infinity) <= secondsNow()
}

function toFile(
  id: string,
  bytes: number,
  { filename, purpose, expiresAfter }: NewFile,
): FileObject {
  const created_at = secondsNow()
  return {
    id,
    object: 'file',
    bytes,
    created_at,
    ...(expiresAfter === undefined ? {} : { expires_at: created_at + expiresAfter }),
    filename,
    purpose,
    status: 'processed',
  }
}

/** How long a file is kept when its uploader does not say. */
export function defaultExpiry(purpose: UploadPurpose): number | undefined {
  return purpose === 'batch' ? BATCH_FILE_SECONDS : undefined
}

function noSuchFile(id: string): FlocapError {
  return new FlocapError('not_found', `There is no file ${JSON.stringify(id.slice(0, 80))}.`, {
    hint: 'GET /v1/files lists the files of this key; expired ones are removed.',
    subject: 'file_id',
  })
}

function tooLarge(limit: number): FlocapError {
  return new FlocapError('body_too_large', `Expected a file of at most ${limit} bytes, got more.`, {
    hint: 'Send it in parts, or start FloCap with a larger --batch-file-mb.',
    subject: 'file',
  })
}

function quotaUsed({ maxStoredBytes, maxFiles = MAX_FILES }: FileLimits): FlocapError {
  return new FlocapError(
    'storage_full',
    `With this file this key would have more than ${formatBytes(maxStoredBytes)} of files, or more than ${maxFiles} files.`,
    {
      hint: 'Delete files that are no longer needed (DELETE /v1/files/ID), or start FloCap with a larger --batch-storage-mb.',
      subject: 'file',
    },
  )
}
