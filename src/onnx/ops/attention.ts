// Attention as one operator, where ONNX Runtime has a kernel for the whole of it.
import { float, type Graph, int } from '../graph.ts'
import { type Dim, dimAt, lengthAt, type Value } from '../value.ts'
import { describe, expect, expectRank } from './expect.ts'

/**
 * The standard Attention operator (opset 23) over packed heads, without cache or mask: softmax(q kT /
 * sqrt(D)) v. @param q, k, v [B, T, heads * D].
 */
export function packedAttention(
  g: Graph,
  { q, k, v }: { q: Value; k: Value; v: Value },
  heads: number,
): Value {
  const op = 'Attention'
  for (const value of [q, k, v]) expectRank(op, value, 3)
  expect(lengthAt(q, 2) % heads === 0, op, `${describe(q)} does not split into ${heads} heads`)
  const attributes = { q_num_heads: int(heads), kv_num_heads: int(heads) }
  return g.node(op, [q, k, v], { dtype: 'f32', shape: q.shape }, { attributes })
}

export interface SlotCache {
  /** [1, heads, capacity, D] */
  readonly key: Value
  readonly value: Value
}

/**
 * com.microsoft.GroupQueryAttention over a cache with room behind the slots in use. The operator makes
 * a present cache too, which nobody is meant to fetch: the new keys and values are in `qkv`.
 *
 * @param qkv [1, R, 3 * heads * D]. @param seqlens int32 [1]: total length - 1.
 * @param total int32 []: slots in use with the new ones.
 * @param bias [1, 1, R, total], added to the scores.
 */
export function cachedAttention(
  g: Graph,
  inputs: {
    readonly qkv: Value
    readonly past: SlotCache
    readonly seqlens: Value
    readonly total: Value
    readonly bias: Value
  },
  heads: number,
): Value {
  const { qkv, past, seqlens, total, bias } = inputs
  const op = 'GroupQueryAttention'
  const width = lengthAt(qkv, 2)
  expect(width % (3 * heads) === 0, op, `${describe(qkv)} is not q, k and v of ${heads} heads`)
  const [output] = g.nodeOfMany(
    op,
    [qkv, null, null, past.key, past.value, seqlens, total, null, null, null, bias],
    [
      { dtype: 'f32', shape: qkv.shape.with(2, width / 3) },
      { dtype: 'f32', shape: past.key.shape },
      { dtype: 'f32', shape: past.value.shape },
    ],
    {
      domain: 'com.microsoft',
      attributes: { num_heads: int(heads), kv_num_heads: int(heads), do_rotary: int(0) },
    },
  )
  if (output === undefined) throw new RangeError(`${op} has no result`)
  return output
}

/** alpha * op(a) op(b) with either side transposed over its last two axes, without a copy. */
export function fusedMatMul(
  g: Graph,
  a: Value,
  b: Value,
  { transA = false, transB = false, alpha = 1 }: FusedMatMulOptions,
): Value {
  const op = 'FusedMatMul'
  const [m, k] = lastTwo(a, transA)
  const [k2, n] = lastTwo(b, transB)
  expect(k === k2, op, `${describe(a)} and ${describe(b)} do not fit: ${k} is not ${k2}`)
  const attributes = { transA: int(+transA), transB: int(+transB), alpha: float(alpha) }
  const shape = [...a.shape.slice(0, -2), m, n]
  return g.node(op, [a, b], { dtype: 'f32', shape }, { domain: 'com.microsoft', attributes })
}

export interface FusedMatMulOptions {
  readonly transA?: boolean
  readonly transB?: boolean
  readonly alpha?: number
}

function lastTwo(value: Value, transposed: boolean): [Dim, Dim] {
  const [rows, columns] = [dimAt(value, -2), dimAt(value, -1)]
  return transposed ? [columns, rows] : [rows, columns]
}
