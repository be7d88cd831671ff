// The three graphs that a model is compiled to, with the names of their inputs and outputs: the
// contract between the compiler and the runtime.
//
//   vision   pixel_values                        -> image_features
//   prefill  image_features, input_ids           -> encoder_output, cross_key_i, cross_value_i
//   decoder  input_ids, position_ids, attention_mask, k, past_*, cross_*
//                                                -> log_probs, ids, present_*
import { FlocapError } from '../../base/errors.ts'
import type { ExternalDataWriter } from '../../onnx/external-data.ts'
import { Graph } from '../../onnx/graph.ts'
import { addDims, type Dim } from '../../onnx/value.ts'
import type { Weights } from '../../weights/weights.ts'
import { type Florence2Config, mapSides } from './config.ts'
import { davit } from './davit.ts'
import { type AttentionCache, decoder } from './decoder.ts'
import { findTokenTables, type TokenTables } from './embeddings.ts'
import { crossAttentionCache, encoder } from './encoder.ts'
import { projector } from './projector.ts'

export interface Florence2Graphs {
  readonly vision: Graph
  readonly prefill: Graph
  readonly decoder: Graph
  readonly imageTokens: number
  readonly vocabularySize: number
}

/**
 * @param imageSize the picture's square side in pixels, from the preprocessor's configuration.
 * @param external receives the weights as they are read.
 */
export function buildGraphs(
  weights: Weights,
  config: Florence2Config,
  imageSize: number,
  external: ExternalDataWriter,
): Florence2Graphs {
  const tables = findTokenTables(weights)
  const imageTokens = countImageTokens(config, imageSize)
  return {
    vision: visionGraph(weights, config, imageSize, external),
    prefill: prefillGraph(weights, config, imageTokens, tables, external),
    decoder: decoderGraph(weights, config, tables, external),
    imageTokens,
    vocabularySize: tables.vocabularySize,
  }
}

/** The last map's tokens and their mean. */
function countImageTokens({ vision, text }: Florence2Config, imageSize: number): number {
  const side = mapSides(vision, imageSize).at(-1) ?? 0
  if (side < 1 || side > vision.maxPositions) {
    throw new FlocapError(
      'invalid_model',
      `Pictures of ${imageSize} pixels give a map of ${side} x ${side}; ` +
        `the model has positions for 1 to ${vision.maxPositions}.`,
      { subject: 'preprocessor_config.json' },
    )
  }
  const tokens = side * side + 1
  if (tokens >= text.maxPositions) {
    throw new FlocapError(
      'invalid_model',
      `Pictures of ${imageSize} pixels give ${tokens} tokens; ` +
        `the text encoder has ${text.maxPositions} positions for them and the prompt.`,
      { subject: 'preprocessor_config.json' },
    )
  }
  return tokens
}

function visionGraph(
  weights: Weights,
  { vision }: Florence2Config,
  imageSize: number,
  external: ExternalDataWriter,
): Graph {
  const g = new Graph('vision', external)
  const pixels = g.input('pixel_values', 'f32', [1, vision.inChannels, imageSize, imageSize])
  const map = davit(g, weights.at('vision_tower'), pixels, vision)
  const features = g.scope('projector', () =>
    projector(g, weights.at('multi_modal_projector'), map, vision),
  )
  g.output('image_features', features)
  return g
}

function prefillGraph(
  weights: Weights,
  { text }: Florence2Config,
  imageTokens: number,
  tables: TokenTables,
  external: ExternalDataWriter,
): Graph {
  const g = new Graph('prefill', external)
  const imageFeatures = g.input('image_features', 'f32', [1, imageTokens, text.hiddenSize])
  const inputIds = g.input('input_ids', 'i64', [1, 'prompt'])
  const hidden = encoder(g, weights, { imageFeatures, inputIds }, text, tables)
  const cross = crossAttentionCache(g, weights, hidden, text)
  g.output('encoder_output', hidden)
  for (const [i, { key, value }] of cross.entries()) {
    g.output(`cross_key_${i}`, key)
    g.output(`cross_value_${i}`, value)
  }
  return g
}

function decoderGraph(
  weights: Weights,
  { text }: Florence2Config,
  tables: TokenTables,
  external: ExternalDataWriter,
): Graph {
  const g = new Graph('decoder', external)
  const { layers, heads } = text.decoder
  const headSize = text.hiddenSize / heads
  const caches = (kind: string, slots: Dim): AttentionCache[] =>
    Array.from({ length: layers }, (_, i) => ({
      key: g.input(`${kind}_key_${i}`, 'f32', [1, heads, slots, headSize]),
      value: g.input(`${kind}_value_${i}`, 'f32', [1, heads, slots, headSize]),
    }))
  const inputs = {
    inputIds: g.input('input_ids', 'i64', [1, 'rows']),
    positionIds: g.input('position_ids', 'i64', [1, 'rows']),
    attentionMask: g.input('attention_mask', 'f32', [1, 1, 'rows', addDims('past', 'rows')]),
    k: g.input('k', 'i64', [1]),
    past: caches('past', 'past'),
    cross: caches('cross', 'encoded'),
  }
  const { logProbs, ids, present } = decoder(g, weights, inputs, text, tables, 'rows')
  g.output('log_probs', logProbs)
  g.output('ids', ids)
  for (const [i, { key, value }] of present.entries()) {
    g.output(`present_key_${i}`, key)
    g.output(`present_value_${i}`, value)
  }
  return g
}
