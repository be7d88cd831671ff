// float16 and bfloat16 to float32. Both conversions are exact: every half-precision value is a
// float32 value.

/** All 65,536 float16 bit patterns as float32: a look-up is several times faster than arithmetic. */
const FLOAT16_TABLE = /* @__PURE__ */ createFloat16Table()

function createFloat16Table(): Float32Array {
  const table = new Float32Array(1 << 16)
  for (let bits = 0; bits < table.length; bits += 1) table[bits] = float16BitsToNumber(bits)
  return table
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
export function float16BitsToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** @param bits float16 bit patterns. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length)
  for (let i = 0; i < bits.length; i += 1) values[i] = FLOAT16_TABLE[bits[i]!]!
  return values
}

/** bfloat16 is the upper half of a float32. @param bits bfloat16 bit patterns. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i += 1) words[i] = bits[i]! << 16
  return new Float32Array(words.buffer)
}

/** The float16 bit patterns of `values`, or null when one of them is no float16 value. */
export function toExactFloat16(values: Float32Array): Uint16Array | null {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const bits = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i += 1) {
    const half = float16BitsOf(words[i]!)
    // Comparing numbers would take -0 for 0, and a NaN for nothing.
    if (half < 0 || !Object.is(FLOAT16_TABLE[half], values[i])) return null
    bits[i] = half
  }
  return bits
}

/** Truncates a float32 bit pattern; -1 when it is out of float16's range. */
function float16BitsOf(word: number): number {
  const sign = (word >>> 16) & 0x8000
  const exponent = ((word >>> 23) & 0xff) - 127
  const fraction = word & 0x7fffff
  if (exponent > 15) return -1
  if (exponent >= -14) return sign | ((exponent + 15) << 10) | (fraction >>> 13)
  // Subnormal: the leading one moves into the fraction.
  if (exponent >= -24) return sign | ((fraction | 0x800000) >>> (-exponent - 1))
  return sign
}
