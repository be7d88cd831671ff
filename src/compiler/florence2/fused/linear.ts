// Linear layers in the number formats of linear-plan.ts.
import type { Graph } from '../../../onnx/graph.ts'
import { add, matMul } from '../../../onnx/ops/math.ts'
import {
  type BlockWeight,
  dynamicQuantizeLinear,
  dynamicQuantizeMatMul,
  type Int8Weight,
  matMulIntegerToFloat,
  matMulNBits,
  type QuantizedValue,
} from '../../../onnx/ops/quantized.ts'
import { quantizeBlocks, quantizeColumns } from '../../../onnx/quantize.ts'
import type { Value } from '../../../onnx/value.ts'
import type { Weights } from '../../../weights/weights.ts'
import { transposed } from '../layers.ts'
import type { LinearFormat } from './linear-plan.ts'

/**
 * Inputs that share a scale. Blocks of 32 are a little more exact (0.75 % instead of 0.9 % of error for
 * one product in 8 bits) and an eighth slower for a whole decoder step.
 */
const BLOCK_SIZE = 128

/** Puts rows in another order. */
export type Arrange = (x: Value) => Value

/**
 * A layer whose weights are in the graph: it can be applied to several values.
 *
 * @param arrange the rows' order that the result should have. A layer that quantises its input moves it
 *   in that form, a quarter of the bytes.
 */
export type Linear = (x: Value, arrange?: Arrange) => Value

/** The same for several layers over one value. */
export type ParallelLinears = (x: Value, arrange?: Arrange) => Value[]

const asTheyCome: Arrange = (x) => x

/** A matrix as PyTorch stores it, and its bias. */
export interface LinearWeights {
  /** [outputs, inputs] row-major */
  readonly weight: Float32Array
  /** [outputs] */
  readonly bias: Float32Array | null
  readonly inputs: number
  readonly outputs: number
}

export function readLinear(
  w: Weights,
  inputs: number,
  outputs: number,
  { bias = true }: { readonly bias?: boolean } = {},
): LinearWeights {
  const weight = w.read('weight', [outputs, inputs])
  return { weight, bias: bias ? w.read('bias', [outputs]) : null, inputs, outputs }
}

/** Several layers over the same input as one, their outputs side by side. */
export function stack(layers: readonly LinearWeights[]): LinearWeights {
  const inputs = layers[0]?.inputs ?? 0
  const outputs = layers.reduce((total, layer) => total + layer.outputs, 0)
  const weight = new Float32Array(outputs * inputs)
  const bias = new Float32Array(outputs)
  let at = 0
  for (const layer of layers) {
    weight.set(layer.weight, at * inputs)
    if (layer.bias) bias.set(layer.bias, at)
    at += layer.outputs
  }
  return { weight, bias, inputs, outputs }
}

/** A layer whose outputs are all multiplied by `factor`. */
export function scaleOutputs(layer: LinearWeights, factor: number): LinearWeights {
  const scale = (value: number): number => value * factor
  return { ...layer, weight: layer.weight.map(scale), bias: layer.bias && layer.bias.map(scale) }
}

/** The layers that a stacked one is made of, of equal width. */
export function unstack(
  { weight, bias, inputs, outputs }: LinearWeights,
  parts: number,
): LinearWeights[] {
  const width = outputs / parts
  return Array.from({ length: parts }, (_, i) => ({
    weight: weight.subarray(i * width * inputs, (i + 1) * width * inputs),
    bias: bias && bias.subarray(i * width, (i + 1) * width),
    inputs,
    outputs: width,
  }))
}

export function linear(g: Graph, layer: LinearWeights, format: LinearFormat): Linear {
  const { inputs, outputs } = layer
  const bias = layer.bias && g.tensor('bias', layer.bias, [outputs])
  switch (format) {
    case 'f32': {
      const matrix = transposed(layer.weight, outputs, inputs)
      const weight = g.tensor('weight', matrix, [inputs, outputs])
      return (x, arrange = asTheyCome) => {
        const product = matMul(g, arrange(x), weight)
        return bias ? add(g, product, bias) : product
      }
    }
    case 'int8': {
      const weight = int8Weight(g, layer)
      return (x, arrange) =>
        arrange
          ? matMulIntegerToFloat(g, quantized(g, x, arrange), weight, bias)
          : dynamicQuantizeMatMul(g, x, weight, bias)
    }
    case 'block8':
    case 'block4': {
      const weight = blockWeight(g, layer, format === 'block8' ? 8 : 4)
      return (x, arrange = asTheyCome) => matMulNBits(g, arrange(x), weight, bias)
    }
  }
}

/** Several layers applied to the same value, which is quantised once for all of them. */
export function parallelLinears(
  g: Graph,
  layers: readonly LinearWeights[],
  format: LinearFormat,
): ParallelLinears {
  if (format !== 'int8') {
    const each = layers.map((layer) => linear(g, layer, format))
    return (x, arrange = asTheyCome) => {
      const rows = arrange(x)
      return each.map((apply) => apply(rows))
    }
  }
  const parts = layers.map((layer) => ({
    weight: int8Weight(g, layer),
    bias: layer.bias && g.tensor('bias', layer.bias, [layer.outputs]),
  }))
  return (x, arrange = asTheyCome) => {
    const rows = quantized(g, x, arrange)
    return parts.map(({ weight, bias }) => matMulIntegerToFloat(g, rows, weight, bias))
  }
}

function quantized(g: Graph, x: Value, arrange: Arrange): QuantizedValue {
  const { values, ...scale } = dynamicQuantizeLinear(g, x)
  return { values: arrange(values), ...scale }
}

function int8Weight(g: Graph, { weight, inputs, outputs }: LinearWeights): Int8Weight {
  const { values, scales } = quantizeColumns(transposed(weight, outputs, inputs), inputs, outputs)
  return {
    values: g.tensor('weight', values, [inputs, outputs]),
    scales: g.tensor('scales', scales, [outputs]),
  }
}

function blockWeight(g: Graph, layer: LinearWeights, bits: 4 | 8): BlockWeight {
  const { weight, inputs, outputs } = layer
  const { packed, scales, blocks } = quantizeBlocks(weight, outputs, inputs, {
    bits,
    blockSize: BLOCK_SIZE,
  })
  return {
    packed: g.tensor('weight', packed, [outputs, blocks, (BLOCK_SIZE * bits) / 8]),
    scales: g.tensor('scales', scales, [outputs * blocks]),
    inputs,
    outputs,
    bits,
    blockSize: BLOCK_SIZE,
  }
}
