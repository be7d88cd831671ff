// Moving the difficulty of quantising a layer from its activations to its weights, channel by
// channel.
//
// All channels of an activation share one scale, so a few large ones leave the others few of its 256
// steps. Weights have a scale for each output. Dividing an input channel by s and multiplying the
// weights that read it by s changes nothing exactly and much when quantised. How far to go is chosen
// by predicting the noise of both sides. After SmoothQuant (Xiao et al., 2022).
import type { LinearWeights } from '../florence2/fused/linear.ts'
import type { ChannelStatistics } from './statistics.ts'

export interface Smoothing {
  /** By what to divide each input channel; null to leave them. */
  readonly scales: Float32Array | null
  /** Expected noise of the layer's output over its size. */
  readonly predictedError: number
}

/** Exponents to try: 0 leaves the layer as it is, 1 would give all channels the same range. */
const STRENGTHS = [0, 0.25, 0.5, 0.75]
/** A division that costs an operator of its own must be worth it. */
const MIN_GAIN_WHEN_COSTLY = 1.5

/** Steps of an activation's 8 bits, and of a weight's to either side of zero. */
const ACTIVATION_STEPS = 255
const WEIGHT_STEPS = 127
/** Variance of rounding to a step of 1. */
const ROUNDING_VARIANCE = 1 / 12

/** @param free whether the division costs nothing. */
export function chooseSmoothing(
  layer: LinearWeights,
  statistics: ChannelStatistics,
  free: boolean,
): Smoothing {
  const columns = describeColumns(layer)
  const plain = predictError(layer, statistics, columns, null)
  let best: Smoothing = { scales: null, predictedError: plain }
  for (const strength of STRENGTHS.slice(1)) {
    const scales = scalesOf(statistics, columns, strength)
    const predictedError = predictError(layer, statistics, columns, scales)
    if (predictedError < best.predictedError) best = { scales, predictedError }
  }
  const worthwhile = free || plain > MIN_GAIN_WHEN_COSTLY * best.predictedError
  return worthwhile ? best : { scales: null, predictedError: plain }
}

interface Columns {
  /** Of each input's weights: the largest magnitude and the sum of squares. */
  readonly largest: Float32Array
  readonly power: Float32Array
}

function describeColumns({ weight, inputs, outputs }: LinearWeights): Columns {
  const largest = new Float32Array(inputs)
  const power = new Float32Array(inputs)
  for (let output = 0, at = 0; output < outputs; output += 1) {
    for (let input = 0; input < inputs; input += 1, at += 1) {
      const value = weight[at]!
      power[input]! += value * value
      if (Math.abs(value) > largest[input]!) largest[input] = Math.abs(value)
    }
  }
  return { largest, power }
}

function scalesOf(
  { max, min }: ChannelStatistics,
  { largest }: Columns,
  strength: number,
): Float32Array {
  return largest.map((weight, c) => {
    const activation = Math.max(Math.abs(max[c]!), Math.abs(min[c]!))
    // A channel that is always zero, or that nobody reads, has nothing to move.
    if (activation === 0 || weight === 0) return 1
    return activation ** strength / weight ** (1 - strength)
  })
}

/** Quantisation noise of the output over the output itself, both as root mean squares. */
function predictError(
  { weight, inputs, outputs }: LinearWeights,
  { max, min, meanSquare }: ChannelStatistics,
  { power }: Columns,
  scales: Float32Array | null,
): number {
  let [highest, lowest, signal, inputPower, weightPower] = [0, 0, 0, 0, 0]
  for (let c = 0; c < inputs; c += 1) {
    const scale = scales?.[c] ?? 1
    highest = Math.max(highest, max[c]! / scale)
    lowest = Math.min(lowest, min[c]! / scale)
    signal += meanSquare[c]! * power[c]!
    inputPower += meanSquare[c]! / scale ** 2
    weightPower += power[c]! * scale ** 2
  }
  const activationStep = (highest - lowest) / ACTIVATION_STEPS
  let noise = activationStep ** 2 * ROUNDING_VARIANCE * weightPower
  for (let output = 0, at = 0; output < outputs; output += 1) {
    let largest = 0
    for (let c = 0; c < inputs; c += 1, at += 1) {
      const value = Math.abs(weight[at]!) * (scales?.[c] ?? 1)
      if (value > largest) largest = value
    }
    noise += (largest / WEIGHT_STEPS) ** 2 * ROUNDING_VARIANCE * inputPower
  }
  return signal === 0 ? 0 : Math.sqrt(noise / signal)
}
