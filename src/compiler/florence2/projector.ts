// From the vision tower's map to the tokens that the language model reads: positions are added, the
// mean is put in front, and everything is projected to the language model's width.
//
// Source: _encode_image of Microsoft's modeling_florence2.py, for a single frame: its mean over time
// and its last frame are the frame itself.
import type { Graph } from '../../onnx/graph.ts'
import { add, matMul, reduceMean } from '../../onnx/ops/math.ts'
import { concat } from '../../onnx/ops/shape.ts'
import { lengthAt, type Value } from '../../onnx/value.ts'
import type { Weights } from '../../weights/weights.ts'
import type { VisionConfig } from './config.ts'
import type { FeatureMap } from './davit.ts'
import { layerNorm, transposed } from './layers.ts'

/** -> image_features [1, countFeatures(config, side), projectionDim]. */
export function projector(g: Graph, w: Weights, map: FeatureMap, config: VisionConfig): Value {
  const channels = lengthAt(map.tokens, 2)
  const positions = positionTable(w, map.side, channels, config.maxPositions)
  const placed = add(g, map.tokens, g.tensor('positions', positions, [1, map.side ** 2, channels]))
  const parts = config.featureSources.map((source) =>
    source === 'spatial_avg_pool' ? reduceMean(g, placed, [1]) : placed,
  )
  const tokens = concat(g, parts, 1)
  const weight = projectionWeight(w, channels, config.projectionDim)
  const projected = matMul(g, tokens, g.tensor('weight', weight, [channels, config.projectionDim]))
  return layerNorm(g, w.at('image_proj_norm'), projected)
}

/** How many tokens a map of `side` x `side` becomes. */
export function countFeatures({ featureSources }: VisionConfig, side: number): number {
  return featureSources.reduce(
    (total, source) => total + (source === 'spatial_avg_pool' ? 1 : side * side),
    0,
  )
}

/** [channels, to], from the parameter of one layout or the transposed weight of the other. */
function projectionWeight(w: Weights, channels: number, to: number): Float32Array {
  if (w.has('image_projection')) return w.read('image_projection', [channels, to])
  return transposed(w.read('image_projection.weight', [to, channels]), to, channels)
}

/**
 * [side * side, channels]: learned embeddings of the column in the first half of the channels and of
 * the row in the second, plus the temporal embedding of the first frame, which is sin 0 = 0 on even
 * channels and cos 0 = 1 on odd ones.
 */
function positionTable(
  w: Weights,
  side: number,
  channels: number,
  maxPositions: number,
): Float32Array {
  const rowChannels = Math.floor(channels / 2)
  const columnChannels = channels - rowChannels
  const tables = w.at('image_position_embed')
  const rows = tables.read('row_embeddings.weight', [maxPositions, rowChannels])
  const columns = tables.read('column_embeddings.weight', [maxPositions, columnChannels])
  const table = new Float32Array(side * side * channels)
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const at = (y * side + x) * channels
      for (let c = 0; c < channels; c += 1) {
        const spatial =
          c < columnChannels
            ? columns[x * columnChannels + c]!
            : rows[y * rowChannels + c - columnChannels]!
        table[at + c] = spatial + (c % 2)
      }
    }
  }
  return table
}
