// The bytes of a pickle, read from front to back: integers, texts and lines with their limits.

/** Names of modules, classes, storages and parameters. */
const MAX_STRING_BYTES = 4096
/** What a double holds exactly; tensors need no more. */
const MAX_INTEGER_BYTES = 8

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Why a pickle was refused, as a clause about it; the caller says in which file. */
export class PickleRefusal extends Error {
  override readonly name = 'PickleRefusal'
}

export class PickleInput {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  readByte(): number {
    return this.#view.getUint8(this.#take(1))
  }

  readUint16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  readUint32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  readInt32(): number {
    return this.#view.getInt32(this.#take(4), true)
  }

  readUint64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true)
  }

  /** The one big-endian field of the format. */
  readFloat64(): number {
    return this.#view.getFloat64(this.#take(8), false)
  }

  /** An integer of `length` bytes, little-endian two's complement. */
  readInteger(length: number): number {
    if (length > MAX_INTEGER_BYTES)
      throw new PickleRefusal(`it holds an integer of ${length} bytes`)
    let bits = 0n
    for (let index = 0; index < length; index += 1) {
      bits |= BigInt(this.readByte()) << BigInt(8 * index)
    }
    const integer = BigInt.asIntN(8 * length, bits)
    if (!Number.isSafeInteger(Number(integer))) {
      throw new PickleRefusal(`it holds the integer ${integer}`)
    }
    return Number(integer)
  }

  readText(length: number): string {
    if (length > MAX_STRING_BYTES) {
      throw new PickleRefusal(
        `it holds a string of ${length} bytes, the limit is ${MAX_STRING_BYTES}`,
      )
    }
    const start = this.#take(length)
    try {
      return UTF8.decode(this.#bytes.subarray(start, start + length))
    } catch {
      throw new PickleRefusal('it holds a string that is not UTF-8')
    }
  }

  /** Up to the next line feed, which is passed over. */
  readLine(): string {
    const length = this.#bytes.subarray(this.#at, this.#at + MAX_STRING_BYTES + 1).indexOf(0x0a)
    if (length < 0) throw new PickleRefusal('it names a Python global without an end')
    const line = this.readText(length)
    this.#take(1)
    return line
  }

  /** Moves past `length` bytes and returns where they start. */
  #take(length: number): number {
    const start = this.#at
    if (length > this.remaining) throw new PickleRefusal('it ends in the middle of its pickle')
    this.#at += length
    return start
  }
}
