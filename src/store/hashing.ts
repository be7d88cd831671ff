// The hashes a file can be compared with, computed while it streams by.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** Reading in larger steps than Node's 64 KiB halves the time of hashing a large file. */
const CHUNK_BYTES = 1024 * 1024

/** What is known beforehand of a file's content; everything that is there must agree. */
export interface ExpectedContent {
  readonly sha256?: string | undefined
  readonly sha256StartsWith?: string | undefined
  /** Git's own id of a file that is not in LFS. */
  readonly gitSha1?: string | undefined
}

/** @param size of the whole file, which is part of what Git hashes. */
export class ContentHash {
  readonly #sha256: Hash = createHash('sha256')
  readonly #gitSha1: Hash

  constructor(size: number) {
    this.#gitSha1 = createHash('sha1').update(`blob ${size}\0`)
  }

  update(chunk: Uint8Array): void {
    this.#sha256.update(chunk)
    this.#gitSha1.update(chunk)
  }

  digest(): ContentDigest {
    return { sha256: this.#sha256.digest('hex'), gitSha1: this.#gitSha1.digest('hex') }
  }
}

export interface ContentDigest {
  readonly sha256: string
  readonly gitSha1: string
}

export function isExpected(digest: ContentDigest, expected: ExpectedContent): boolean {
  return (
    (expected.sha256 === undefined || expected.sha256 === digest.sha256) &&
    (expected.sha256StartsWith === undefined ||
      digest.sha256.startsWith(expected.sha256StartsWith)) &&
    (expected.gitSha1 === undefined || expected.gitSha1 === digest.gitSha1)
  )
}

/** @throws whatever the file system says, or the reason of `signal`. */
export async function hashFile(
  path: string,
  size: number,
  options: {
    readonly signal?: AbortSignal | undefined
    readonly onBytes?: ((bytes: number) => void) | undefined
  } = {},
): Promise<ContentDigest> {
  const hash = new ContentHash(size)
  const stream = createReadStream(path, {
    highWaterMark: CHUNK_BYTES,
    ...(options.signal ? { signal: options.signal } : {}),
  })
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue
    hash.update(chunk)
    options.onBytes?.(chunk.length)
  }
  return hash.digest()
}
