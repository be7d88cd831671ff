// Matrix products in integers: ONNX Runtime's operators for quantised weights and activations.
import { type Graph, int } from '../graph.ts'
import { lengthAt, type Value } from '../value.ts'
import { describe, expect, expectDtype } from './expect.ts'
import { matMulShape } from './math.ts'

const MICROSOFT = { domain: 'com.microsoft' } as const

/** An int8 weight matrix [K, N] with a scale for each column. */
export interface Int8Weight {
  /** i8 [K, N] */
  readonly values: Value
  /** f32 [N] */
  readonly scales: Value
}

/** Quantised activations: x = (values - zeroPoint) * scale. */
export interface QuantizedValue {
  /** u8, the shape of x */
  readonly values: Value
  /** f32 [] */
  readonly scale: Value
  /** u8 [] */
  readonly zeroPoint: Value
}

/** One scale for the whole tensor, from its own smallest and largest value. */
export function dynamicQuantizeLinear(g: Graph, x: Value): QuantizedValue {
  const op = 'DynamicQuantizeLinear'
  expectDtype(op, x, 'f32')
  const [values, scale, zeroPoint] = g.nodeOfMany(
    op,
    [x],
    [
      { dtype: 'u8', shape: x.shape },
      { dtype: 'f32', shape: [] },
      { dtype: 'u8', shape: [] },
    ],
  )
  expect(
    values !== undefined && scale !== undefined && zeroPoint !== undefined,
    op,
    'has three results',
  )
  return { values, scale, zeroPoint }
}

/** Quantised activations times int8 weights, as float32. @param bias f32 [N]. */
export function matMulIntegerToFloat(
  g: Graph,
  x: QuantizedValue,
  weight: Int8Weight,
  bias: Value | null,
): Value {
  const op = 'MatMulIntegerToFloat'
  const shape = matMulShape(op, x.values, weight.values)
  const inputs = [x.values, weight.values, x.scale, weight.scales, x.zeroPoint, null, bias]
  return g.node(op, inputs, { dtype: 'f32', shape }, MICROSOFT)
}

/** x times int8 weights; x is quantised on the way, with one scale for the whole tensor. */
export function dynamicQuantizeMatMul(
  g: Graph,
  x: Value,
  weight: Int8Weight,
  bias: Value | null,
): Value {
  const op = 'DynamicQuantizeMatMul'
  expectDtype(op, x, 'f32')
  const shape = matMulShape(op, x, weight.values)
  // Symmetric weights: a zero point for each column, all zero.
  const zeroPoints = g.constant(new Int8Array(lengthAt(weight.values, 1)), [
    lengthAt(weight.values, 1),
  ])
  const inputs = [x, weight.values, weight.scales, zeroPoints, bias]
  return g.node(op, inputs, { dtype: 'f32', shape }, MICROSOFT)
}

export interface BlockWeight {
  /** u8 [N, blocks, bytes] */
  readonly packed: Value
  /** f32 [N * blocks] */
  readonly scales: Value
  readonly inputs: number
  readonly outputs: number
  readonly bits: 4 | 8
  readonly blockSize: number
}

/**
 * Activations are quantised to int8 block by block as well. Without this level the kernels compute in
 * float32 and are up to sixty times slower for 8-bit weights.
 */
const ACCURACY_LEVEL_INT8 = 4

/** x [..., K] times weights in blocks along K -> [..., N]. @param bias f32 [N]. */
export function matMulNBits(g: Graph, x: Value, weight: BlockWeight, bias: Value | null): Value {
  const op = 'MatMulNBits'
  const { packed, scales, inputs, outputs, bits, blockSize } = weight
  expect(lengthAt(x, -1) === inputs, op, `${describe(x)} must have ${inputs} channels`)
  const attributes = {
    K: int(inputs),
    N: int(outputs),
    bits: int(bits),
    block_size: int(blockSize),
    accuracy_level: int(ACCURACY_LEVEL_INT8),
  }
  const result = { dtype: 'f32', shape: [...x.shape.slice(0, -1), outputs] } as const
  return g.node(op, [x, packed, scales, null, null, bias], result, { ...MICROSOFT, attributes })
}
