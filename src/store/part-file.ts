// A file that is on its way: written from front to back, hashed while it grows, and found again
// after a crash.
//
// Its name is `<file>.<content>.<process>.part`. The content is the hash that the whole file will
// have, so a part is never continued with bytes of another version. The process makes the name
// unique: whoever continues a part takes it over by renaming it, which only one can do, so two
// processes never write to one file even when the lock that should prevent it has failed.
import { randomBytes } from 'node:crypto'
import { type FileHandle, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoreFileSystem } from './disk.ts'
import { type ContentDigest, ContentHash } from './hashing.ts'

/** Hexadecimal digits of the content's hash in the name: enough to tell versions apart. */
const CONTENT_DIGITS = 16
const READ_BYTES = 1024 * 1024

export interface PartOptions {
  readonly folder: string
  /** Name that the file will have. */
  readonly file: string
  /** Bytes that the file will have. */
  readonly size: number
  /** Hash that the file will have, of whatever kind. */
  readonly content: string
  readonly fileSystem: StoreFileSystem
}

export class PartFile {
  readonly path: string
  readonly #handle: FileHandle
  readonly #wholeSize: number
  #hash: ContentHash
  #size = 0

  private constructor(path: string, handle: FileHandle, wholeSize: number) {
    this.path = path
    this.#handle = handle
    this.#wholeSize = wholeSize
    this.#hash = new ContentHash(wholeSize)
  }

  /** Continues what an earlier attempt has left, the longest first, or begins a new part. */
  static async open(options: PartOptions): Promise<PartFile> {
    const { folder, file, size, content, fileSystem } = options
    const prefix = `${file}.${content.slice(0, CONTENT_DIGITS)}.`
    const own = join(folder, `${prefix}${process.pid}-${randomBytes(4).toString('hex')}.part`)
    for (const left of await listParts(folder, prefix)) {
      try {
        await rename(left, own)
      } catch {
        // Somebody else took it over, or (Windows) has it open.
        continue
      }
      const part = new PartFile(own, await fileSystem.open(own, 'r+'), size)
      await part.#hashWhatIsThere()
      return part
    }
    return new PartFile(own, await fileSystem.open(own, 'wx+'), size)
  }

  /** Bytes on disk. */
  get size(): number {
    return this.#size
  }

  async append(chunk: Uint8Array): Promise<void> {
    let written = 0
    while (written < chunk.length) {
      const { bytesWritten } = await this.#handle.write(
        chunk,
        written,
        chunk.length - written,
        this.#size + written,
      )
      written += bytesWritten
    }
    this.#hash.update(chunk)
    this.#size += chunk.length
  }

  /** Throws away what is there. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0)
    this.#hash = new ContentHash(this.#wholeSize)
    this.#size = 0
  }

  /** Of a complete part; ends its hashing. */
  digest(): ContentDigest {
    return this.#hash.digest()
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async #hashWhatIsThere(): Promise<void> {
    const { size } = await this.#handle.stat()
    if (size > this.#wholeSize) {
      await this.restart()
      return
    }
    const buffer = new Uint8Array(READ_BYTES)
    while (this.#size < size) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#size)
      if (bytesRead === 0) break
      this.#hash.update(buffer.subarray(0, bytesRead))
      this.#size += bytesRead
    }
  }
}

/** Parts with this beginning of their name, the longest first. */
async function listParts(folder: string, prefix: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(prefix) && name.endsWith('.part'),
  )
  const parts = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return {
        path,
        size: await stat(path).then(
          (found) => found.size,
          () => 0,
        ),
      }
    }),
  )
  return parts.toSorted((a, b) => b.size - a.size).map((part) => part.path)
}

/** Removes every part of a folder; only while its lock is held. */
export async function removeParts(folder: string): Promise<void> {
  for (const path of await listParts(folder, '')) await rm(path, { force: true })
}
