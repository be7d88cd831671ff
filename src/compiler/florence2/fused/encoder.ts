// BART's encoder and the cross-attention cache in fused operators. The same function as the plain
// lowering in ../encoder.ts.
import type { Graph } from '../../../onnx/graph.ts'
import { packedAttention } from '../../../onnx/ops/attention.ts'
import { sum } from '../../../onnx/ops/math.ts'
import { concat, shapeOf, transpose } from '../../../onnx/ops/shape.ts'
import { dimAt, lengthAt, type Value } from '../../../onnx/value.ts'
import type { Weights } from '../../../weights/weights.ts'
import { activate } from '../activations.ts'
import type { TextConfig, TransformerConfig } from '../config.ts'
import { firstPositions, positionTable, type TokenTables } from '../embeddings.ts'
import { layerNorm, splitHeads, queryKeyValue } from '../layers.ts'
import { readLinear, stack } from './linear.ts'
import { type LinearPlan, smoothed } from './linear-plan.ts'
import { plannedLinear, planParallel } from './planned-linear.ts'
import { embedTokens } from './token-table.ts'

/** Image features [1, I, hidden] and prompt ids int64 [1, P] -> hidden states [1, I + P, hidden]. */
export function fusedEncoder(
  g: Graph,
  w: Weights,
  { imageFeatures, inputIds }: { imageFeatures: Value; inputIds: Value },
  text: TextConfig,
  tables: TokenTables,
  plan: LinearPlan,
): Value {
  const scope = w.at('language_model.encoder')
  const embedded = concat(g, [imageFeatures, embedTokens(g, w, inputIds, text, tables)], 1)
  const length = shapeOf(g, embedded, 1)
  const positions = firstPositions(g, positionTable(g, scope, text), length, dimAt(embedded, 1))
  let x = layerNorm(g, scope.at('layernorm_embedding'), sum(g, embedded, positions))
  for (let i = 0; i < text.encoder.layers; i += 1) {
    const layer = scope.at('layers').at(i)
    x = g.scope(`layer${i}`, () => encoderLayer(g, layer, x, text.encoder, plan))
  }
  return x
}

function encoderLayer(
  g: Graph,
  w: Weights,
  x: Value,
  config: TransformerConfig,
  plan: LinearPlan,
): Value {
  const width = lengthAt(x, 2)
  const self = w.at('self_attn')
  const layers = ['q_proj', 'k_proj', 'v_proj'].map((name) =>
    readLinear(self.at(name), width, width),
  )
  const qkv = planParallel(g, plan, self.at('qkv').path, stack(layers), { parts: 3 })
  plan.observe(g, qkv.path, x)
  const parts = qkv.apply(smoothed(g, x, qkv.smoothing))
  const project = plannedLinear(g, plan, self.at('out_proj'), { inputs: width, outputs: width })
  const output = packedAttention(g, queryKeyValue(parts), config.heads)
  plan.observe(g, project.path, output)
  const attended = project.apply(smoothed(g, output, project.smoothing))
  const y = layerNorm(g, w.at('self_attn_layer_norm'), sum(g, x, attended))
  return fusedFeedForward(g, w, y, config, plan)
}

export function fusedFeedForward(
  g: Graph,
  w: Weights,
  x: Value,
  config: TransformerConfig,
  plan: LinearPlan,
): Value {
  const width = lengthAt(x, 2)
  const first = plannedLinear(g, plan, w.at('fc1'), { inputs: width, outputs: config.ffnDim })
  const second = plannedLinear(g, plan, w.at('fc2'), { inputs: config.ffnDim, outputs: width })
  plan.observe(g, first.path, x)
  const hidden = activate(g, first.apply(smoothed(g, x, first.smoothing)), config.activation)
  plan.observe(g, second.path, hidden)
  const output = second.apply(smoothed(g, hidden, second.smoothing))
  return layerNorm(g, w.at('final_layer_norm'), sum(g, x, output))
}

/** All layers' keys and values are one layer to the plan: they read the same hidden states. */
const CROSS_PATH = 'language_model.decoder.encoder_attn.kv'

/**
 * Keys and values [1, heads, E, D] of each decoder layer; the hidden states are quantised once.
 *
 * @param turned keys are [1, heads, D, E], as the fused decoder reads them.
 */
export function fusedCrossCache(
  g: Graph,
  w: Weights,
  hidden: Value,
  { decoder }: TextConfig,
  plan: LinearPlan,
  turned: boolean,
): { key: Value; value: Value }[] {
  const width = lengthAt(hidden, 2)
  const layers = Array.from({ length: decoder.layers }, (_, i) =>
    w.at('language_model.decoder.layers').at(i).at('encoder_attn'),
  )
  const projections = layers.flatMap((layer) =>
    ['k_proj', 'v_proj'].map((name) => readLinear(layer.at(name), width, width)),
  )
  const kv = planParallel(g, plan, CROSS_PATH, stack(projections), {
    parts: projections.length,
  })
  plan.observe(g, kv.path, hidden)
  const heads = kv
    .apply(smoothed(g, hidden, kv.smoothing))
    .map((projected) => splitHeads(g, projected, decoder.heads))
  return layers.map((_, i) => {
    const [key, value] = heads.slice(2 * i, 2 * i + 2)
    if (!key || !value) throw new RangeError('expected a key and a value')
    return { key: turned ? transpose(g, key, [0, 1, 3, 2]) : key, value }
  })
}
