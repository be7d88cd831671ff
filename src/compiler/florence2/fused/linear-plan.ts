// How each linear layer of a model is computed: its number format, and how its activations are
// prepared for it.
import type { Graph } from '../../../onnx/graph.ts'
import { layerNormalization, mul } from '../../../onnx/ops/math.ts'
import { lengthAt, type Value } from '../../../onnx/value.ts'
import type { Weights } from '../../../weights/weights.ts'
import { LAYER_NORM_EPSILON } from '../layers.ts'
import type { LinearWeights } from './linear.ts'

/**
 *   f32    float32 throughout: exact
 *   int8   weights int8 with a scale for each output; activations u8 with one scale for the tensor,
 *          found while it runs. The fastest for many rows (vision, prefill).
 *   block8 weights int8 with a scale for each block of 128 inputs; activations int8 by block. Nearly
 *          lossless; the fastest for few rows (decoder steps).
 *   block4 the same with 4-bit weights: less to read, less exact.
 */
export type LinearFormat = 'f32' | 'int8' | 'block8' | 'block4'

export interface LinearPlan {
  /** @param path of the layer in the checkpoint, under the compiler's names. */
  formatOf(path: string): LinearFormat
  /**
   * By what to divide each input channel, and multiply the weights that read it, so that a few large
   * channels do not spoil the one scale that all share; null leaves the layer as it is.
   *
   * @param free whether whatever makes the input can divide it without another operator.
   */
  smoothingOf(path: string, layer: LinearWeights, free: boolean): Float32Array | null
  /** Sees the input of each layer, before smoothing: calibration measures it. */
  observe(g: Graph, path: string, x: Value): void
}

/** A plan that looks at nothing and changes nothing but the format. */
export function formatPlan(formatOf: (path: string) => LinearFormat): LinearPlan {
  return { formatOf, smoothingOf: () => null, observe: () => undefined }
}

/** A layer whose weights read inputs that were divided by `smoothing`. */
export function scaleInputs(layer: LinearWeights, smoothing: Float32Array | null): LinearWeights {
  if (!smoothing) return layer
  const { inputs } = layer
  const weight = layer.weight.map((value, i) => value * smoothing[i % inputs]!)
  return { ...layer, weight }
}

/** A layer whose outputs are divided by `smoothing`: it feeds one that is smoothed. */
export function divideOutputs(layer: LinearWeights, smoothing: Float32Array | null): LinearWeights {
  if (!smoothing) return layer
  const { inputs } = layer
  const weight = layer.weight.map((value, i) => value / smoothing[Math.floor(i / inputs)]!)
  const bias = layer.bias && layer.bias.map((value, i) => value / smoothing[i]!)
  return { ...layer, weight, bias }
}

/** A norm whose output is divided by `smoothing`, which costs nothing. */
export function smoothedNorm(
  g: Graph,
  w: Weights,
  x: Value,
  smoothing: Float32Array | null,
): Value {
  const channels = lengthAt(x, -1)
  const read = (name: string): Float32Array => {
    const values = w.read(name, [channels])
    return smoothing ? values.map((value, i) => value / smoothing[i]!) : values
  }
  const scale = g.tensor('scale', read('weight'), [channels])
  const bias = g.tensor('bias', read('bias'), [channels])
  return layerNormalization(g, x, scale, bias, LAYER_NORM_EPSILON)
}

/** Divides a value whose maker cannot do it. */
export function smoothed(g: Graph, x: Value, smoothing: Float32Array | null): Value {
  if (!smoothing) return x
  const inverse = smoothing.map((value) => 1 / value)
  return mul(g, x, g.tensor('smoothing', inverse, [inverse.length]))
}
