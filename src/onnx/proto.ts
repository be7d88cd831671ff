// Protocol Buffers wire format, writing only: varints, fixed 32-bit numbers and length-delimited
// fields are all that an ONNX model needs. A reader of another make checks the output in tests.
// Format: https://protobuf.dev/programming-guides/encoding/

const WIRE_VARINT = 0
const WIRE_LENGTH_DELIMITED = 2
const WIRE_FIXED32 = 5

/** A message under construction. Fields are written in the order of the calls. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = []

  /** A signed or unsigned integer field (int32, int64, enum, bool). */
  int(field: number, value: number | bigint): this {
    return this.#key(field, WIRE_VARINT).#varint(BigInt(value))
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    this.#key(field, WIRE_FIXED32).#parts.push(bytes)
    return this
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, WIRE_LENGTH_DELIMITED).#varint(BigInt(value.length)).#parts.push(value)
    return this
  }

  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.finish())
  }

  /** A packed repeated integer field. */
  packedInts(field: number, values: readonly (number | bigint)[]): this {
    const packed = new MessageWriter()
    for (const value of values) packed.#varint(BigInt(value))
    return this.bytes(field, packed.finish())
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts)
  }

  #key(field: number, wire: number): this {
    return this.#varint(BigInt((field << 3) | wire))
  }

  #varint(value: bigint): this {
    // Negative numbers are written as their 64-bit two's complement.
    let rest = BigInt.asUintN(64, value)
    const bytes: number[] = []
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    bytes.push(Number(rest))
    this.#parts.push(Uint8Array.from(bytes))
    return this
  }
}
