// Reads numbers from a picture file at a moving position and refuses to read past its end, so that
// no decoder of ours needs a bounds check of its own.
import { damagedPicture } from './picture-errors.ts'
import type { PictureFormat } from './sniff.ts'

export class ByteReader {
  at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #format: PictureFormat
  readonly #littleEndian: boolean

  constructor(bytes: Uint8Array, format: PictureFormat, littleEndian = true) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#format = format
    this.#littleEndian = littleEndian
  }

  get remaining(): number {
    return this.#bytes.length - this.at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), this.#littleEndian)
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), this.#littleEndian)
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), this.#littleEndian)
  }

  /** Values above 2 ** 53 lose digits, but still lie past the end of any file. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), this.#littleEndian))
  }

  /** A view, not a copy. */
  bytes(count: number): Uint8Array {
    const from = this.#take(count)
    return this.#bytes.subarray(from, from + count)
  }

  #take(count: number): number {
    const from = this.at
    if (!(from >= 0 && from + count <= this.#bytes.length)) {
      throw damagedPicture(this.#format, 'it ends too early')
    }
    this.at = from + count
    return from
  }
}
