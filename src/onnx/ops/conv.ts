// Two-dimensional convolution.
import { type Graph, int, ints } from '../graph.ts'
import { lengthAt, type Value } from '../value.ts'
import { describe, expect, expectRank } from './expect.ts'

export interface ConvOptions {
  readonly stride: number
  /** Zeros on each of the four sides. */
  readonly padding: number
  /** Default 1; equal to the channels for a depthwise convolution. */
  readonly groups?: number
}

/** [B, C, H, W] with weight [M, C / groups, K, K] and bias [M] -> [B, M, H', W']. */
export function conv(
  g: Graph,
  x: Value,
  weight: Value,
  bias: Value,
  { stride, padding, groups = 1 }: ConvOptions,
): Value {
  const op = 'Conv'
  expectRank(op, x, 4)
  expectRank(op, weight, 4)
  const kernel = lengthAt(weight, 2)
  expect(
    lengthAt(x, 1) === lengthAt(weight, 1) * groups && bias.shape[0] === weight.shape[0],
    op,
    `${describe(x)}, ${describe(weight)} and ${describe(bias)} do not fit`,
  )
  const outputLength = (axis: number): number =>
    Math.floor((lengthAt(x, axis) + 2 * padding - kernel) / stride) + 1
  const shape = [x.shape[0] ?? 1, lengthAt(weight, 0), outputLength(2), outputLength(3)]
  const attributes = {
    kernel_shape: ints([kernel, kernel]),
    strides: ints([stride, stride]),
    pads: ints([padding, padding, padding, padding]),
    group: int(groups),
  }
  return g.node(op, [x, weight, bias], { dtype: x.dtype, shape }, { attributes })
}
