// Element-wise and matrix arithmetic. Each function is the ONNX operator of its name.
import { float, type Graph, int } from '../graph.ts'
import { type Dim, formatShape, type Shape, type Value } from '../value.ts'
import { axisOf, describe, expect, expectDtype } from './expect.ts'

/** The shape of an element-wise result: NumPy's rules. */
function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  const result: Dim[] = []
  for (let i = 0; i < rank; i += 1) {
    const left = a[a.length - rank + i] ?? 1
    const right = b[b.length - rank + i] ?? 1
    expect(
      left === right || left === 1 || right === 1,
      op,
      `${formatShape(a)} and ${formatShape(b)} do not broadcast`,
    )
    result.push(left === 1 ? right : left)
  }
  return result
}

function elementwise(g: Graph, op: string, a: Value, b: Value): Value {
  expect(a.dtype === b.dtype, op, `${describe(a)} and ${describe(b)} differ in type`)
  const shape = broadcastShapes(op, a.shape, b.shape)
  return g.node(op, [a, b], { dtype: a.dtype, shape })
}

function unary(g: Graph, op: string, x: Value): Value {
  return g.node(op, [x], { dtype: x.dtype, shape: x.shape })
}

export const add = (g: Graph, a: Value, b: Value): Value => elementwise(g, 'Add', a, b)
export const sub = (g: Graph, a: Value, b: Value): Value => elementwise(g, 'Sub', a, b)
export const mul = (g: Graph, a: Value, b: Value): Value => elementwise(g, 'Mul', a, b)
export const max = (g: Graph, a: Value, b: Value): Value => elementwise(g, 'Max', a, b)

/**
 * As `add`. ONNX Runtime fuses Add followed by LayerNormalization into SkipLayerNormalization, whose
 * kernel is scalar; it leaves Sum alone.
 */
export const sum = (g: Graph, a: Value, b: Value): Value => elementwise(g, 'Sum', a, b)

export const exp = (g: Graph, x: Value): Value => unary(g, 'Exp', x)
export const log = (g: Graph, x: Value): Value => unary(g, 'Log', x)
export const tanh = (g: Graph, x: Value): Value => unary(g, 'Tanh', x)
export const sigmoid = (g: Graph, x: Value): Value => unary(g, 'Sigmoid', x)

/** Exact Gaussian error linear unit: x/2 (1 + erf(x / sqrt 2)). */
export const gelu = (g: Graph, x: Value): Value => unary(g, 'Gelu', x)

/** [..., M, K] x [..., K, N] -> [..., M, N]. */
export function matMul(g: Graph, a: Value, b: Value): Value {
  expect(a.dtype === b.dtype, 'MatMul', `${describe(a)} and ${describe(b)} differ in type`)
  return g.node('MatMul', [a, b], { dtype: a.dtype, shape: matMulShape('MatMul', a, b) })
}

/** The shape of a matrix product over the last two axes. */
export function matMulShape(op: string, a: Value, b: Value): Shape {
  expect(a.shape.length >= 2 && b.shape.length >= 2, op, 'both sides need two axes')
  const [m, k] = a.shape.slice(-2)
  const [k2, n] = b.shape.slice(-2)
  expect(k === k2, op, `${describe(a)} and ${describe(b)} do not fit: ${k} is not ${k2}`)
  return [...broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2)), m ?? 1, n ?? 1]
}

/** [M, K] x [N, K] transposed -> [M, N]. */
export function gemmTransposed(g: Graph, a: Value, b: Value): Value {
  const op = 'Gemm'
  expectDtype(op, a, 'f32', 'f16')
  const [m, k] = a.shape
  const [n, k2] = b.shape
  expect(
    m !== undefined && n !== undefined && k === k2 && a.shape.length === 2 && b.shape.length === 2,
    op,
    `${describe(a)} and ${describe(b)} do not fit`,
  )
  const attributes = { transB: int(1) }
  return g.node(op, [a, b], { dtype: a.dtype, shape: [m, n] }, { attributes })
}

export function softmax(g: Graph, x: Value, axis = -1): Value {
  axisOf('Softmax', x, axis)
  const attributes = { axis: int(axis) }
  return g.node('Softmax', [x], { dtype: x.dtype, shape: x.shape }, { attributes })
}

export function logSoftmax(g: Graph, x: Value, axis = -1): Value {
  axisOf('LogSoftmax', x, axis)
  const attributes = { axis: int(axis) }
  return g.node('LogSoftmax', [x], { dtype: x.dtype, shape: x.shape }, { attributes })
}

/** The `k` largest along the last axis, largest first. @param k int64 [1]. */
export function topK(g: Graph, x: Value, k: Value, kDim: Dim): { values: Value; indices: Value } {
  expectDtype('TopK', k, 'i64')
  const shape = [...x.shape.slice(0, -1), kDim]
  const attributes = { axis: int(-1), largest: int(1), sorted: int(1) }
  const [values, indices] = g.nodeOfMany(
    'TopK',
    [x, k],
    [
      { dtype: x.dtype, shape },
      { dtype: 'i64', shape },
    ],
    { attributes },
  )
  expect(values !== undefined && indices !== undefined, 'TopK', 'has two results')
  return { values, indices }
}

function reduce(g: Graph, op: string, x: Value, axes: readonly number[]): Value {
  const reduced = new Set(axes.map((axis) => axisOf(op, x, axis)))
  const shape = x.shape.map((dim, i) => (reduced.has(i) ? 1 : dim))
  const attributes = { keepdims: int(1) }
  return g.node(op, [x, g.int64s(axes)], { dtype: x.dtype, shape }, { attributes })
}

/** Axes are kept with length 1. */
export const reduceMean = (g: Graph, x: Value, axes: readonly number[]): Value =>
  reduce(g, 'ReduceMean', x, axes)
export const reduceSum = (g: Graph, x: Value, axes: readonly number[]): Value =>
  reduce(g, 'ReduceSum', x, axes)
export const reduceMin = (g: Graph, x: Value, axes: readonly number[]): Value =>
  reduce(g, 'ReduceMin', x, axes)
export const reduceMax = (g: Graph, x: Value, axes: readonly number[]): Value =>
  reduce(g, 'ReduceMax', x, axes)

/** Over the last axis. @param scale, bias [C]. */
export function layerNormalization(
  g: Graph,
  x: Value,
  scale: Value,
  bias: Value,
  epsilon: number,
): Value {
  const op = 'LayerNormalization'
  const channels = x.shape.at(-1)
  for (const parameter of [scale, bias]) {
    expect(parameter.shape[0] === channels, op, `${describe(parameter)} must have ${channels}`)
  }
  const attributes = { axis: int(-1), epsilon: float(epsilon) }
  return g.node(op, [x, scale, bias], { dtype: x.dtype, shape: x.shape }, { attributes })
}
