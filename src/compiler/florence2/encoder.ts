// BART's encoder over image features and prompt, and the keys and values of the decoder's
// cross-attention, which depend on nothing else and are computed once for an answer.
import type { Graph } from '../../onnx/graph.ts'
import { add } from '../../onnx/ops/math.ts'
import { concat, shapeOf } from '../../onnx/ops/shape.ts'
import { dimAt, lengthAt, type Value } from '../../onnx/value.ts'
import type { Weights } from '../../weights/weights.ts'
import { activate } from './activations.ts'
import type { TextConfig, TransformerConfig } from './config.ts'
import { embedPlainly, firstPositions, positionTable, type TokenTables } from './embeddings.ts'
import { attention, layerNorm, linear, mergeHeads, splitHeads } from './layers.ts'

/** Image features [1, I, hidden] and prompt ids int64 [1, P] -> hidden states [1, I + P, hidden]. */
export function encoder(
  g: Graph,
  w: Weights,
  { imageFeatures, inputIds }: { imageFeatures: Value; inputIds: Value },
  text: TextConfig,
  tables: TokenTables,
): Value {
  const scope = w.at('language_model.encoder')
  const embedded = concat(g, [imageFeatures, embedPlainly(g, w, inputIds, text, tables)], 1)
  const length = shapeOf(g, embedded, 1)
  const table = positionTable(g, scope, text)
  const positions = firstPositions(g, table, length, dimAt(embedded, 1))
  let x = layerNorm(g, scope.at('layernorm_embedding'), add(g, embedded, positions))
  for (let i = 0; i < text.encoder.layers; i += 1) {
    x = g.scope(`layer${i}`, () => encoderLayer(g, scope.at('layers').at(i), x, text.encoder))
  }
  return x
}

/** Post-norm: each residual sum is normalised. */
function encoderLayer(g: Graph, w: Weights, x: Value, config: TransformerConfig): Value {
  const attended = selfAttention(g, w.at('self_attn'), x, config.heads)
  const y = layerNorm(g, w.at('self_attn_layer_norm'), add(g, x, attended))
  return feedForward(g, w, y, config)
}

export function feedForward(g: Graph, w: Weights, x: Value, config: TransformerConfig): Value {
  const hidden = activate(g, linear(g, w.at('fc1'), x, config.ffnDim), config.activation)
  const output = linear(g, w.at('fc2'), hidden, lengthAt(x, 2))
  return layerNorm(g, w.at('final_layer_norm'), add(g, x, output))
}

function selfAttention(g: Graph, w: Weights, x: Value, heads: number): Value {
  const width = lengthAt(x, 2)
  const project = (name: string): Value => splitHeads(g, linear(g, w.at(name), x, width), heads)
  const [q, k, v] = [project('q_proj'), project('k_proj'), project('v_proj')]
  return linear(g, w.at('out_proj'), mergeHeads(g, attention(g, { q, k, v })), width)
}

/** Keys and values [1, heads, E, D] of each decoder layer, from hidden states [1, E, hidden]. */
export function crossAttentionCache(
  g: Graph,
  w: Weights,
  hidden: Value,
  { decoder }: TextConfig,
): { key: Value; value: Value }[] {
  const width = lengthAt(hidden, 2)
  return Array.from({ length: decoder.layers }, (_, i) =>
    g.scope(`cross${i}`, () => {
      const scope = w.at('language_model.decoder.layers').at(i).at('encoder_attn')
      const project = (name: string): Value =>
        splitHeads(g, linear(g, scope.at(name), hidden, width), decoder.heads)
      return { key: project('k_proj'), value: project('v_proj') }
    }),
  )
}
