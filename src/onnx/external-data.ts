// The file beside a model that holds its large tensors.
//
// Tensors are appended as soon as they are read from the checkpoint, so that memory holds one of
// them at a time, and several graphs may refer to the same file: a tensor written under a key is
// written once.
import { closeSync, openSync, writeSync } from 'node:fs'

/**
 * ONNX Runtime maps an aligned tensor from the file instead of copying it. 64 KiB satisfies Windows'
 * allocation granularity, the strictest of the platforms.
 */
const PAGE_BYTES = 64 * 1024
/** Below this a page of padding would cost more than a copy. */
const PAGE_ALIGNED_FROM_BYTES = 1024 * 1024
const SMALL_ALIGNMENT_BYTES = 64

/** Where a tensor lies: what ONNX calls location, offset and length. */
export interface ExternalRange {
  readonly location: string
  readonly offset: number
  readonly length: number
}

export class ExternalDataWriter {
  readonly #file: number
  readonly #location: string
  readonly #shared = new Map<string, ExternalRange>()
  #size = 0

  /** @param path the file to create. @param location its name as the model refers to it. */
  constructor(path: string, location: string) {
    this.#file = openSync(path, 'wx')
    this.#location = location
  }

  /** Bytes written so far, padding included. */
  get size(): number {
    return this.#size
  }

  append(bytes: Uint8Array): ExternalRange {
    const alignment = bytes.length >= PAGE_ALIGNED_FROM_BYTES ? PAGE_BYTES : SMALL_ALIGNMENT_BYTES
    const offset = Math.ceil(this.#size / alignment) * alignment
    writeFully(this.#file, bytes, offset)
    this.#size = offset + bytes.length
    return { location: this.#location, offset, length: bytes.length }
  }

  /** As `append`, but a key that was written before gives the earlier range. */
  share(key: string, bytes: () => Uint8Array): ExternalRange {
    const known = this.#shared.get(key)
    if (known) return known
    const range = this.append(bytes())
    this.#shared.set(key, range)
    return range
  }

  close(): void {
    closeSync(this.#file)
  }
}

function writeFully(file: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length) {
    written += writeSync(file, bytes, written, bytes.length - written, position + written)
  }
}
