// What the inputs of linear layers look like: measured by the float32 graphs on sample pictures, so
// that the quantised ones can be fitted to them.
import type { Graph } from '../../onnx/graph.ts'
import { mul, reduceMax, reduceMean, reduceMin } from '../../onnx/ops/math.ts'
import { concat, reshape } from '../../onnx/ops/shape.ts'
import { lengthAt, type Value } from '../../onnx/value.ts'
import type { LinearPlan } from '../florence2/fused/linear-plan.ts'

/** Of one layer's input, for each channel, over all tokens and pictures seen. */
export interface ChannelStatistics {
  readonly max: Float32Array
  readonly min: Float32Array
  readonly meanSquare: Float32Array
}

/** Outputs that probes add to a graph; each belongs to a layer, which may have several. */
const PROBE_PREFIX = 'probe:'

/** Float32 graphs with an output for the input of each linear layer. */
export function probingPlan(): LinearPlan {
  let count = 0
  return {
    formatOf: () => 'f32',
    smoothingOf: () => null,
    observe(g, path, x) {
      const name = `${PROBE_PREFIX}${path}:${count}`
      count += 1
      g.atEnd(() => g.output(name, summarise(g, x)))
    },
  }
}

/** [1, T, C] -> [3, C]: maximum, minimum and mean square of each channel. */
function summarise(g: Graph, x: Value): Value {
  const channels = lengthAt(x, -1)
  const axes = x.shape.slice(0, -1).map((_, i) => i)
  const rows = [reduceMax(g, x, axes), reduceMin(g, x, axes), reduceMean(g, mul(g, x, x), axes)]
  return concat(
    g,
    rows.map((row) => reshape(g, row, [1, channels])),
    0,
  )
}

/** Gathers the probes of several runs. */
export function mergeProbes(
  runs: readonly ReadonlyMap<string, Float32Array>[],
): ReadonlyMap<string, ChannelStatistics> {
  const byLayer = new Map<string, Float32Array[]>()
  for (const [name, values] of runs.flatMap((run) => [...run])) {
    if (!name.startsWith(PROBE_PREFIX)) continue
    const path = name.slice(PROBE_PREFIX.length, name.lastIndexOf(':'))
    byLayer.set(path, [...(byLayer.get(path) ?? []), values])
  }
  return new Map([...byLayer].map(([path, summaries]) => [path, mergeSummaries(summaries)]))
}

function mergeSummaries(summaries: readonly Float32Array[]): ChannelStatistics {
  const channels = summaries[0]!.length / 3
  const max = new Float32Array(channels).fill(-Infinity)
  const min = new Float32Array(channels).fill(Infinity)
  const meanSquare = new Float32Array(channels)
  for (const summary of summaries) {
    for (let c = 0; c < channels; c += 1) {
      max[c] = Math.max(max[c]!, summary[c]!)
      min[c] = Math.min(min[c]!, summary[channels + c]!)
      meanSquare[c]! += summary[2 * channels + c]! / summaries.length
    }
  }
  return { max, min, meanSquare }
}
