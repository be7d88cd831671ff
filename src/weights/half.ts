// float16 and bfloat16 to float32, which is exact, and float32 to float16, which seldom is.

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

/** Largest float16; what rounds to more than it has no place in a graph. */
const FLOAT16_MAX = 65_504

/** Rounds to the nearest float16, ties to even; beyond the largest to the largest. */
export function toFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const bits = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i += 1) bits[i] = roundToFloat16(words[i]!, values[i]!)
  return bits
}

function roundToFloat16(word: number, value: number): number {
  const sign = (word >>> 16) & 0x8000
  const size = Math.abs(value)
  if (Number.isNaN(size)) return sign | 0x7e00
  if (size >= FLOAT16_MAX) return sign | 0x7bff
  // Below the normal numbers the step is constant, and dividing by it is exact.
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24)
  // The bits of a float32 without its sign grow with the value, and so do those of a float16: the
  // exponents' biases differ by 112, the fractions by 13 bits.
  const magnitude = (word & 0x7fff_ffff) - (112 << 23)
  const half = magnitude >>> 13
  const rest = magnitude & 0x1fff
  const isUp = rest > 0x1000 || (rest === 0x1000 && (half & 1) === 1)
  return sign | (half + (isUp ? 1 : 0))
}

function roundToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
