// Layers that the vision tower and the language model share, in float32 and in plain operators.
import type { Graph } from '../../onnx/graph.ts'
import {
  add,
  exp,
  layerNormalization,
  log,
  matMul,
  mul,
  reduceMax,
  reduceSum,
  softmax,
  sub,
} from '../../onnx/ops/math.ts'
import { reshape, transpose } from '../../onnx/ops/shape.ts'
import { dimAt, lengthAt, type Value } from '../../onnx/value.ts'
import type { Weights } from '../../weights/weights.ts'

/** PyTorch's default, which the model was trained with. */
export const LAYER_NORM_EPSILON = 1e-5

/** [..., from] -> [..., to], weight [to, from] as PyTorch stores it. */
export function linear(
  g: Graph,
  w: Weights,
  x: Value,
  to: number,
  { bias = true }: { readonly bias?: boolean } = {},
): Value {
  const from = lengthAt(x, -1)
  const weight = transposed(w.read('weight', [to, from]), to, from)
  const product = matMul(g, x, g.tensor('weight', weight, [from, to]))
  return bias ? add(g, product, g.tensor('bias', w.read('bias', [to]), [to])) : product
}

/** [rows, columns] -> [columns, rows]. */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length)
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      result[column * rows + row] = matrix[row * columns + column]!
    }
  }
  return result
}

/** Over the last axis. */
export function layerNorm(g: Graph, w: Weights, x: Value): Value {
  const channels = lengthAt(x, -1)
  const scale = g.tensor('scale', w.read('weight', [channels]), [channels])
  const bias = g.tensor('bias', w.read('bias', [channels]), [channels])
  return layerNormalization(g, x, scale, bias, LAYER_NORM_EPSILON)
}

/** [B, T, C] -> [B, heads, T, C / heads]. */
export function splitHeads(g: Graph, x: Value, heads: number): Value {
  const [batch, tokens] = [dimAt(x, 0), dimAt(x, 1)]
  const channels = lengthAt(x, 2)
  const perHead = reshape(g, x, [batch, tokens, heads, channels / heads])
  return transpose(g, perHead, [0, 2, 1, 3])
}

/** [B, heads, T, D] -> [B, T, heads * D]. */
export function mergeHeads(g: Graph, x: Value): Value {
  const [batch, tokens] = [dimAt(x, 0), dimAt(x, 2)]
  const channels = lengthAt(x, 1) * lengthAt(x, 3)
  return reshape(g, transpose(g, x, [0, 2, 1, 3]), [batch, tokens, channels])
}

/** What a layer that makes all three gave. @throws RangeError when it was not three. */
export function queryKeyValue(values: readonly Value[]): { q: Value; k: Value; v: Value } {
  const [q, k, v] = values
  if (!q || !k || !v || values.length > 3) throw new RangeError('expected q, k and v')
  return { q, k, v }
}

/**
 * softmax(q kT / sqrt(D) + mask) v over [B, heads, T, D].
 *
 * @param mask added to the scores; broadcasts to [B, heads, T, S].
 */
export function attention(
  g: Graph,
  { q, k, v, mask }: { q: Value; k: Value; v: Value; mask?: Value },
): Value {
  const scaled = mul(g, q, g.scalar(lengthAt(q, -1) ** -0.5))
  const scores = matMul(g, scaled, transpose(g, k, [0, 1, 3, 2]))
  const weights = softmax(g, mask ? add(g, scores, mask) : scores)
  return matMul(g, weights, v)
}

/** log softmax over the last axis, in single steps: WebGPU has no kernel for the operator. */
export function logSoftmax(g: Graph, x: Value): Value {
  const shifted = sub(g, x, reduceMax(g, x, [-1]))
  return sub(g, shifted, log(g, reduceSum(g, exp(g, shifted), [-1])))
}
