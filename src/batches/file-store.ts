// Uploaded files and outputs of batches: a folder for each, with its content and what is known of it.
//
//   <root>/<owner>/files/<id>/file.json
//   <root>/<owner>/files/<id>/content
//
// A folder comes by a rename when it is whole, and goes by one before it is emptied: no reader meets a
// part of it. What a killed process was making has a name that begins with a dot.
import { createReadStream } from 'node:fs'
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

const CONTENT = 'content'
const RECORD = 'file.json'
const STORING = 'Storing the file'

/** OpenAI keeps inputs and outputs of batches for thirty days. */
export const BATCH_FILE_SECONDS = 30 * 24 * 3600

export interface FileLimits {
  /** Bytes of one file. */
  readonly maxFileBytes: number
  /** Bytes of all files of one owner. */
  readonly maxStoredBytes: number
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
  /** Removes what killed processes were making; before anything is made. */
  removeLeftovers(): Promise<void>
  /** Removes what has expired, of all owners. */
  removeExpired(signal: AbortSignal): Promise<void>
}

export interface FilePageRequest extends PageRequest {
  readonly purpose?: FileObject['purpose'] | undefined
}

export function createFileStore(root: string, limits: FileLimits): FileStore {
  /** Bytes of each owner, counted once. */
  const stored = new Map<string, Promise<number>>()
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

  async function count(owner: string): Promise<number> {
    let sum = 0
    for (const id of await idsOf(owner)) sum += (await record(owner, id))?.bytes ?? 0
    return sum
  }

  function storedOf(owner: string): Promise<number> {
    const known = stored.get(owner) ?? count(owner)
    stored.set(owner, known)
    return known
  }

  async function change(owner: string, bytes: number): Promise<void> {
    const before = storedOf(owner)
    stored.set(
      owner,
      before.then((sum) => sum + bytes),
    )
    await stored.get(owner)
  }

  async function write(
    owner: string,
    path: string,
    content: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const file = await open(path, 'wx')
    let bytes = 0
    try {
      for await (const chunk of content) {
        bytes += chunk.byteLength
        if (bytes > limits.maxFileBytes) throw tooLarge(limits.maxFileBytes)
        // Other uploads may have come meanwhile.
        if ((await storedOf(owner)) + bytes > limits.maxStoredBytes) throw quotaUsed(limits)
        await file.writeFile(chunk)
      }
      await file.datasync()
    } finally {
      await file.close()
    }
    return bytes
  }

  /** Makes the folder beside its place, then puts it there. */
  async function publish(
    owner: string,
    id: string,
    make: (folder: string) => Promise<FileObject>,
  ): Promise<FileObject> {
    const unfinished = join(folderOf(owner), `.${id}`)
    try {
      await makeFolder(unfinished)
      const file = await make(unfinished)
      await replaceFile(join(unfinished, RECORD), `${JSON.stringify(file)}\n`)
      await rename(unfinished, pathOf(owner, id))
      await change(owner, file.bytes)
      return file
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true }).catch(() => undefined)
      throw toStorageError(error, STORING)
    }
  }

  async function drop(owner: string, id: string, bytes: number): Promise<void> {
    const leaving = join(folderOf(owner), `.${id}`)
    await rename(pathOf(owner, id), leaving)
    await change(owner, -bytes)
    await rm(leaving, { recursive: true, force: true })
  }

  return {
    get,
    async add(owner, content, describe) {
      const id = createFileId()
      return publish(owner, id, async (folder) => {
        const bytes = await write(owner, join(folder, CONTENT), content)
        return toFile(id, bytes, await describe(bytes))
      })
    },
    async adopt(owner, id, path, file) {
      if ((await find(owner, id)) !== undefined) return
      await publish(owner, id, async (folder) => {
        const content = join(folder, CONTENT)
        await rm(content, { force: true })
        return toFile(id, await linkOrCopy(path, content), file)
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
      return { file, stream: createReadStream(join(pathOf(owner, id), CONTENT)) }
    },
    async linkTo(owner, id, path) {
      await get(owner, id)
      await linkOrCopy(join(pathOf(owner, id), CONTENT), path)
    },
    async read(owner, id) {
      await get(owner, id)
      return readFile(join(pathOf(owner, id), CONTENT))
    },
    async remove(owner, id) {
      const { bytes } = await get(owner, id)
      await drop(owner, id, bytes)
    },
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
          if (file !== undefined && isExpired(file)) await drop(owner, id, file.bytes)
        }
      }
    },
  }
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

function quotaUsed({ maxStoredBytes }: FileLimits): FlocapError {
  return new FlocapError(
    'storage_full',
    `With this file the files of this key would have more than ${formatBytes(maxStoredBytes)}.`,
    {
      hint: 'Delete files that are no longer needed (DELETE /v1/files/ID), or start FloCap with a larger --batch-storage-mb.',
      subject: 'file',
    },
  )
}
