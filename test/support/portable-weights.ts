// Weights as a pure function of seed, tensor name and index, so that checkpoints need not be stored.
//
// The twin of tools/python/oracle/portable.py, where the formula and the reasons for its sizes stand.
import type { StoredDtype } from './safetensors-writer.ts'

/** What a tensor does in the network; decides how large its values are. */
export type TensorRole =
  | 'conv'
  | 'depthwise'
  | 'window_attn_qkv'
  | 'channel_attn_qkv'
  | 'vision_fc1'
  | 'vision_out'
  | 'projection'
  | 'embedding'
  | 'self_attn_qk'
  | 'encoder_attn_qk'
  | 'text_v'
  | 'text_fc1'
  | 'text_out'
  | 'bias'
  | 'norm_weight'
  | 'position'
  | 'map_position'
  | 'temporal'
  | 'logits_bias'

export interface PortableTensor {
  /** Native name: values depend on it, whatever the file calls the tensor. */
  readonly name: string
  /** Native shape. */
  readonly shape: readonly number[]
  readonly role: TensorRole
}

// Significant bits of a value: float16 has 11, bfloat16 8, float32 24.
const VALUE_BITS: Record<StoredDtype, number> = { F16: 10, BF16: 8, F32: 20, F64: 20 }
// Norm weights lie in (0.75, 1.25), where representable numbers are further apart.
const NORM_BITS: Record<StoredDtype, number> = { F16: 8, BF16: 5, F32: 20, F64: 20 }
const NORM_EXPONENT = -2

/** Powers of two of matrices, before the share of their fan-in is taken off. */
const MATRIX_EXPONENTS: Partial<Record<TensorRole, number>> = {
  conv: 1,
  depthwise: 0,
  window_attn_qkv: 1,
  channel_attn_qkv: 1,
  vision_fc1: 1,
  vision_out: 1,
  projection: 1,
  embedding: 3,
  self_attn_qk: 2,
  encoder_attn_qk: 2,
  text_v: 1,
  text_fc1: 1,
  text_out: 1,
}
const FIXED_EXPONENTS: Partial<Record<TensorRole, number>> = {
  bias: -2,
  position: 1,
  map_position: -1,
  logits_bias: 1,
}

// The row of </s> is larger than the others, so that some answers end by themselves.
const EOS_ID = 2
const EOS_FACTOR = 2

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const GOLDEN_RATIO = 0x9e3779b9

function fnv1a32(text: string): number {
  let hash = FNV_OFFSET
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return hash
}

/** The finaliser of MurmurHash3: every bit of the result depends on every bit of `x`. */
function fmix32(x: number): number {
  let mixed = x ^ (x >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function fanIn(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, n) => product * n, 1)
}

function exponentOf({ role, shape }: PortableTensor): number {
  if (role === 'norm_weight') return NORM_EXPONENT
  const bitLength = 32 - Math.clz32(fanIn(shape))
  return FIXED_EXPONENTS[role] ?? (MATRIX_EXPONENTS[role] ?? 0) - (bitLength >> 1)
}

/** The values of a tensor in its native shape, C order, each exact in `dtype`. */
export function portableValues(
  tensor: PortableTensor,
  seed: number,
  dtype: StoredDtype,
): Float32Array {
  const { name, shape, role } = tensor
  const bits = (role === 'norm_weight' ? NORM_BITS : VALUE_BITS)[dtype]
  const unit = 2 ** (exponentOf(tensor) - bits)
  const centre = role === 'norm_weight' ? 1 : 0
  const start = fnv1a32(name) ^ seed
  const values = new Float32Array(shape.reduce((product, n) => product * n, 1))
  for (let i = 0; i < values.length; i += 1) {
    const top = fmix32(start + Math.imul(i, GOLDEN_RATIO)) >>> (32 - bits)
    values[i] = (2 * (top - 2 ** (bits - 1)) + 1) * unit + centre
  }
  const columns = shape.at(-1) ?? 1
  if (role === 'embedding') scaleRow(values, columns, EOS_ID, EOS_FACTOR)
  if (role === 'temporal') writeFirstTemporalRow(values, columns)
  return values
}

function scaleRow(values: Float32Array, columns: number, row: number, factor: number): void {
  for (let i = row * columns; i < (row + 1) * columns; i += 1) values[i] = values[i]! * factor
}

/** Row 0 of the sine and cosine table, the only one that a single picture uses. */
function writeFirstTemporalRow(values: Float32Array, columns: number): void {
  for (let i = 0; i < columns; i += 1) values[i] = i % 2
}
