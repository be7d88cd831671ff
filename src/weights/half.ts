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
