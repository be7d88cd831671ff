// Operators that move elements without changing them.
import { DATA_TYPE } from '../dtype.ts'
import { type Graph, int, ints } from '../graph.ts'
import {
  addDims,
  type Dim,
  dimAt,
  formatShape,
  lengthAt,
  type Shape,
  type Value,
} from '../value.ts'
import { axisOf, describe, expect, expectDtype, expectRank } from './expect.ts'

const symbols = (dims: Shape): string =>
  dims
    .filter((dim) => typeof dim === 'string')
    .toSorted()
    .join(' ')

/**
 * The same elements in another shape. At most one dimension may be symbolic in a new place; a
 * symbolic one that stays at its axis does not count.
 */
export function reshape(g: Graph, x: Value, shape: Shape): Value {
  const op = 'Reshape'
  const [fixedBefore, fixedAfter] = [x.shape, shape].map((dims) =>
    dims.reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1),
  )
  expect(
    fixedBefore === fixedAfter && symbols(x.shape) === symbols(shape),
    op,
    `${describe(x)} cannot become ${formatShape(shape)}`,
  )
  // 0 keeps the dimension of the input at this axis, -1 is worked out from the rest.
  const target = shape.map((dim, i) =>
    typeof dim === 'number' ? dim : x.shape[i] === dim ? 0 : -1,
  )
  expect(
    target.filter((dim) => dim === -1).length <= 1,
    op,
    `${formatShape(shape)} has two symbolic dimensions in new places`,
  )
  return g.node(op, [x, g.int64s(target)], { dtype: x.dtype, shape })
}

/** [A, B, C] -> [A * B, C]. @param rows what the product is called. */
export function mergeRows(g: Graph, x: Value, rows: string): Value {
  expectRank('Reshape', x, 3)
  const width = lengthAt(x, 2)
  return g.node('Reshape', [x, g.int64s([-1, width])], { dtype: x.dtype, shape: [rows, width] })
}

export function transpose(g: Graph, x: Value, permutation: readonly number[]): Value {
  const op = 'Transpose'
  expect(
    permutation.toSorted((a, b) => a - b).every((axis, i) => axis === i) &&
      permutation.length === x.shape.length,
    op,
    `[${permutation.join(', ')}] is not an order of the axes of ${describe(x)}`,
  )
  const shape = permutation.map((axis) => dimAt(x, axis))
  const attributes = { perm: ints(permutation) }
  return g.node(op, [x], { dtype: x.dtype, shape }, { attributes })
}

export function concat(g: Graph, parts: readonly Value[], axis: number): Value {
  const op = 'Concat'
  const [first, ...rest] = parts
  expect(first !== undefined, op, 'needs at least one part')
  const at = axisOf(op, first, axis)
  let length: Dim = dimAt(first, at)
  for (const part of rest) {
    expect(
      part.dtype === first.dtype &&
        part.shape.length === first.shape.length &&
        part.shape.every((dim, i) => i === at || dim === first.shape[i]),
      op,
      `${describe(first)} and ${describe(part)} differ outside axis ${at}`,
    )
    length = addDims(length, dimAt(part, at))
  }
  const shape = first.shape.with(at, length)
  return g.node(op, parts, { dtype: first.dtype, shape }, { attributes: { axis: int(at) } })
}

/** Equal parts along an axis. */
export function split(g: Graph, x: Value, parts: number, axis: number): Value[] {
  const op = 'Split'
  const at = axisOf(op, x, axis)
  const length = lengthAt(x, at)
  expect(length % parts === 0, op, `${describe(x)} does not split into ${parts} at axis ${at}`)
  const part = { dtype: x.dtype, shape: x.shape.with(at, length / parts) }
  const attributes = { axis: int(at), num_outputs: int(parts) }
  return g.nodeOfMany(
    op,
    [x],
    Array.from({ length: parts }, () => part),
    { attributes },
  )
}

export interface SliceRange {
  readonly axis: number
  readonly start: number
  readonly end: number
  readonly step?: number
}

/** Ranges with bounds known now, as in `x[:, 1:7:2]`. */
export function slice(g: Graph, x: Value, ranges: readonly SliceRange[]): Value {
  const op = 'Slice'
  let shape: Shape = x.shape
  for (const { axis, start, end, step = 1 } of ranges) {
    const at = axisOf(op, x, axis)
    const length = lengthAt(x, at)
    expect(
      start >= 0 && start < end && end <= length && step > 0,
      op,
      `${start}:${end}:${step} is outside axis ${at} of ${describe(x)}`,
    )
    shape = shape.with(at, Math.ceil((end - start) / step))
  }
  const column = (pick: (range: SliceRange) => number): Value => g.int64s(ranges.map(pick))
  const inputs = [
    x,
    column((range) => range.start),
    column((range) => range.end),
    column((range) => range.axis),
    column((range) => range.step ?? 1),
  ]
  return g.node(op, inputs, { dtype: x.dtype, shape })
}

/** The first `length` rows of a table, where the length is known only when the graph runs. */
export function sliceRows(g: Graph, x: Value, length: Value, dim: Dim): Value {
  const inputs = [x, g.int64s([0]), length, g.int64s([0])]
  return g.node('Slice', inputs, { dtype: x.dtype, shape: x.shape.with(0, dim) })
}

/** Zeros before and after each axis. */
export function pad(
  g: Graph,
  x: Value,
  before: readonly number[],
  after: readonly number[],
): Value {
  const op = 'Pad'
  expectRank(op, x, before.length)
  expectRank(op, x, after.length)
  const shape = x.shape.map((dim, i) => {
    const added = before[i]! + after[i]!
    return added === 0 ? dim : lengthAt(x, i) + added
  })
  return g.node(op, [x, g.int64s([...before, ...after])], { dtype: x.dtype, shape })
}

/** Rows of a table: [V, ...] and indices [...I] -> [...I, ...]. */
export function gather(g: Graph, table: Value, indices: Value): Value {
  expectDtype('Gather', indices, 'i64', 'i32')
  const shape = [...indices.shape, ...table.shape.slice(1)]
  const attributes = { axis: int(0) }
  return g.node('Gather', [table, indices], { dtype: table.dtype, shape }, { attributes })
}

/** Single elements along the last axis, at the places that `indices` of the same rank names. */
export function gatherElements(g: Graph, x: Value, indices: Value): Value {
  const op = 'GatherElements'
  expectDtype(op, indices, 'i64', 'i32')
  expectRank(op, indices, x.shape.length)
  const attributes = { axis: int(-1) }
  return g.node(op, [x, indices], { dtype: x.dtype, shape: indices.shape }, { attributes })
}

/** The length of one axis when the graph runs, as int64 [1]. */
export function shapeOf(g: Graph, x: Value, axis: number): Value {
  const at = axisOf('Shape', x, axis)
  const attributes = { start: int(at), end: int(at + 1) }
  return g.node('Shape', [x], { dtype: 'i64', shape: [1] }, { attributes })
}

/** @param to the new element type; values must be representable in it. */
export function cast(g: Graph, x: Value, to: 'i32' | 'i64' | 'f32' | 'f16'): Value {
  const attributes = { to: int(DATA_TYPE[to]) }
  return g.node('Cast', [x], { dtype: to, shape: x.shape }, { attributes })
}

/** The floats of a graph's inputs in the type that the graph computes with. */
export function toFloatType(g: Graph, x: Value): Value {
  return x.dtype === g.floatType ? x : cast(g, x, g.floatType)
}

/** Floats as float32, which they may be already. */
export function toFloat32(g: Graph, x: Value): Value {
  return x.dtype === 'f32' ? x : cast(g, x, 'f32')
}
