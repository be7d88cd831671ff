// A body in one piece, without holding it twice: where its length is announced it is put in its place
// as it arrives, instead of being joined at the end.
import { joinBytes } from './join-bytes.ts'

/**
 * What has to be here before memory is taken for the rest. It becomes resident only as it is filled,
 * but somebody who announces much and sends nothing should not get even addresses.
 */
const SHARE_BEFORE_ALLOCATION = 1 / 8

/** Shorter bodies are joined in no time. */
const LEAST_BYTES = 1024 * 1024

export interface Collector {
  add(chunk: Uint8Array): void
  /** The whole, in their order. */
  finish(): Promise<Uint8Array>
}

/** @param announced bytes, by Content-Length; 0 where there is none. It need not be true. */
export function createCollector(announced: number): Collector {
  /** Those that are not in their place yet. */
  let chunks: Uint8Array[] = []
  let size = 0
  let whole: Uint8Array | undefined

  function allocate(): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(announced)
    let at = 0
    for (const chunk of chunks) {
      bytes.set(chunk, at)
      at += chunk.byteLength
    }
    chunks = []
    return bytes
  }

  return {
    add(chunk) {
      const end = size + chunk.byteLength
      if (whole === undefined && announced >= LEAST_BYTES && end <= announced) {
        if (size >= announced * SHARE_BEFORE_ALLOCATION) whole = allocate()
      }
      if (whole !== undefined && end > whole.byteLength) {
        // More than was announced: from here on as if nothing had been.
        chunks = [whole.subarray(0, size)]
        whole = undefined
      }
      if (whole === undefined) chunks.push(chunk)
      else whole.set(chunk, size)
      size = end
    },
    async finish() {
      return whole?.subarray(0, size) ?? joinBytes(chunks)
    },
  }
}
