// Writes safetensors files for tests; the product only reads them.
//
// Format: 8 bytes header length (little-endian), a JSON header padded with spaces to a multiple of 8,
// then the tensors without gaps. https://huggingface.co/docs/safetensors

/** Element types that Florence-2 checkpoints use, with their size in bytes. */
const BYTES_PER_ELEMENT = { F16: 2, BF16: 2, F32: 4, F64: 8 } as const

export type StoredDtype = keyof typeof BYTES_PER_ELEMENT

export interface StoredTensor {
  readonly name: string
  readonly dtype: StoredDtype
  readonly shape: readonly number[]
  /** Values in C order; every one must be exactly representable in `dtype`. */
  readonly values: Float32Array
}

export interface SafetensorsParts {
  /** Length field and padded JSON. */
  readonly header: Uint8Array
  readonly data: Uint8Array
}

/**
 * A safetensors file in its two parts, tensors in the order of their names.
 *
 * @throws RangeError when a shape does not fit its values or a value is not exact in its dtype.
 */
export function renderSafetensors(tensors: readonly StoredTensor[]): SafetensorsParts {
  const sorted = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  let size = 0
  for (const tensor of sorted) {
    const { name, dtype, shape, values } = tensor
    const elements = shape.reduce((product, n) => product * n, 1)
    if (elements !== values.length) {
      throw new RangeError(`${name}: shape [${shape.join()}] does not hold ${values.length} values`)
    }
    const end = size + elements * BYTES_PER_ELEMENT[dtype]
    header[name] = { dtype, shape, data_offsets: [size, end] }
    size = end
  }
  const data = new Uint8Array(size)
  const view = new DataView(data.buffer)
  let offset = 0
  for (const { dtype, values } of sorted) {
    writeValues(view, offset, dtype, values)
    offset += values.length * BYTES_PER_ELEMENT[dtype]
  }
  return { header: renderHeader(header), data }
}

function renderHeader(header: Record<string, unknown>): Uint8Array {
  const json = JSON.stringify(header)
  const text = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8))
  const bytes = new Uint8Array(8 + text.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

function writeValues(
  view: DataView,
  start: number,
  dtype: StoredDtype,
  values: Float32Array,
): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < values.length; i += 1) {
    const word = bits[i]!
    if (dtype === 'F64') view.setFloat64(start + i * 8, values[i]!, true)
    else if (dtype === 'F32') view.setUint32(start + i * 4, word, true)
    else view.setUint16(start + i * 2, dtype === 'F16' ? toFloat16(word) : toBfloat16(word), true)
  }
}

/** Bits of a float32 to bits of the equal float16. */
function toFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15
  const fraction = bits & 0x7fffff
  if ((bits & 0x7fffffff) === 0) return sign
  if (exponent >= 31) throw new RangeError('a value is too large for float16')
  if (exponent >= 1) {
    assertNoBits(fraction & 0x1fff, 'float16')
    return sign | (exponent << 10) | (fraction >>> 13)
  }
  const shift = 14 - exponent
  if (shift > 24) throw new RangeError('a value is too small for float16')
  const significand = fraction | 0x800000
  assertNoBits(significand & ((1 << shift) - 1), 'float16')
  return sign | (significand >>> shift)
}

/** Bits of a float32 to bits of the equal bfloat16. */
function toBfloat16(bits: number): number {
  assertNoBits(bits & 0xffff, 'bfloat16')
  return bits >>> 16
}

function assertNoBits(lost: number, dtype: string): void {
  if (lost !== 0) throw new RangeError(`a value is not exact in ${dtype}`)
}
