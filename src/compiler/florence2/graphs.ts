// The three graphs that a model is compiled to, with the names of their inputs and outputs: the
// contract between the compiler and the runtime.
//
//   vision   pixel_values               -> image_features
//   prefill  image_features, input_ids  -> encoder_output, cross_key_i, cross_value_i
//   decoder  input_ids, position_ids, attention_mask, k, past_*_i, cross_*_i
//                                       -> log_probs, ids, and what to remember of the new tokens
//
// Two lowerings make the same functions: `plain` follows the reference operator by operator, `fused`
// is what users run. To remember, the plain decoder gives present_*_i, which are past_*_i with the new
// slots behind; the fused one gives qkv_i of the new slots alone. It has inputs more: `cross_mask`,
// because the answers to several prompts share a step, and `seqlens` and `total`, because its past is a
// buffer with room behind, and those say how much is in use.
import { FlocapError } from '../../base/errors.ts'
import type { ExternalDataWriter } from '../../onnx/external-data.ts'
import { Graph } from '../../onnx/graph.ts'
import { addDims, type Dim, type Value } from '../../onnx/value.ts'
import type { Weights } from '../../weights/weights.ts'
import { type Florence2Config, mapSides, type TextConfig } from './config.ts'
import { davit } from './davit.ts'
import { type AttentionCache, decoder } from './decoder.ts'
import { findTokenTables, type TokenTables } from './embeddings.ts'
import { crossAttentionCache, encoder } from './encoder.ts'
import { fusedDavit } from './fused/davit.ts'
import { type CrossMemory, fusedDecoder } from './fused/decoder.ts'
import { fusedCrossCache, fusedEncoder } from './fused/encoder.ts'
import type { LinearPlan } from './fused/linear-plan.ts'
import { projector } from './projector.ts'

export type Lowering =
  | { readonly kind: 'plain' }
  | { readonly kind: 'fused'; readonly plan: LinearPlan }

/** Of the kernel behind the fused decoder. Every published model has heads of 64. */
const HEAD_SIZE_MULTIPLE = 8

export interface Florence2Graphs {
  readonly vision: Graph
  readonly prefill: Graph
  readonly decoder: Graph
  readonly decoderCache: 'appended' | 'shared'
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
  lowering: Lowering,
): Florence2Graphs {
  const tables = findTokenTables(weights)
  const imageTokens = countImageTokens(config, imageSize)
  const parts = { weights, config, tables, external, lowering }
  const headSize = config.text.hiddenSize / config.text.decoder.heads
  const plainDecoder = lowering.kind === 'plain' || headSize % HEAD_SIZE_MULTIPLE !== 0
  return {
    vision: visionGraph(parts, imageSize),
    prefill: prefillGraph(parts, imageTokens, !plainDecoder),
    decoder: plainDecoder
      ? plainDecoderGraph(parts)
      : fusedDecoderGraph({ ...parts, plan: lowering.plan }),
    decoderCache: plainDecoder ? 'appended' : 'shared',
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

interface Parts {
  readonly weights: Weights
  readonly config: Florence2Config
  readonly tables: TokenTables
  readonly external: ExternalDataWriter
  readonly lowering: Lowering
}

function visionGraph({ weights, config, external, lowering }: Parts, imageSize: number): Graph {
  const { vision } = config
  const g = new Graph('vision', external)
  const pixels = g.input('pixel_values', 'f32', [1, vision.inChannels, imageSize, imageSize])
  const tower = weights.at('vision_tower')
  const map =
    lowering.kind === 'plain'
      ? davit(g, tower, pixels, vision)
      : fusedDavit(g, tower, pixels, vision, lowering.plan)
  const features = g.scope('projector', () =>
    projector(g, weights.at('multi_modal_projector'), map, vision),
  )
  g.output('image_features', features)
  return g
}

/** @param turned keys of the cross-attention cache are [1, heads, D, E], as the fused decoder reads them. */
function prefillGraph(parts: Parts, imageTokens: number, turned: boolean): Graph {
  const { weights, tables, external, lowering } = parts
  const { text } = parts.config
  const g = new Graph('prefill', external)
  const imageFeatures = g.input('image_features', 'f32', [1, imageTokens, text.hiddenSize])
  const inputs = { imageFeatures, inputIds: g.input('input_ids', 'i64', [1, 'prompt']) }
  const hidden =
    lowering.kind === 'plain'
      ? encoder(g, weights, inputs, text, tables)
      : fusedEncoder(g, weights, inputs, text, tables, lowering.plan)
  const cross =
    lowering.kind === 'plain'
      ? crossAttentionCache(g, weights, hidden, text)
      : fusedCrossCache(g, weights, hidden, text, lowering.plan, turned)
  g.output('encoder_output', hidden)
  outputCaches(g, 'cross', cross)
  return g
}

function plainDecoderGraph({ weights, config: { text }, tables, external }: Parts): Graph {
  const g = new Graph('decoder', external)
  const inputs = {
    ...stepInputs(g, addDims('past', 'rows')),
    past: inputCaches(g, 'past', 'past', text),
    cross: inputCaches(g, 'cross', 'encoded', text),
  }
  const { logProbs, ids, present } = decoder(g, weights, inputs, text, tables, 'rows')
  outputCandidates(g, logProbs, ids)
  outputCaches(g, 'present', present)
  return g
}

function fusedDecoderGraph(parts: Parts & { readonly plan: LinearPlan }): Graph {
  const { weights, tables, external, plan } = parts
  const { text } = parts.config
  const g = new Graph('decoder', external)
  const inputs = {
    ...stepInputs(g, 'total'),
    crossMask: g.input('cross_mask', 'f32', [1, 1, 'rows', 'encoded']),
    seqlens: g.input('seqlens', 'i32', [1]),
    total: g.input('total', 'i32', []),
    past: inputCaches(g, 'past', 'capacity', text),
    cross: inputCrossMemory(g, text),
  }
  const options = { text, tables, plan, rows: 'rows' }
  const { logProbs, ids, qkv } = fusedDecoder(g, weights, inputs, options)
  outputCandidates(g, logProbs, ids)
  for (const [i, value] of qkv.entries()) g.output(`qkv_${i}`, value)
  return g
}

function stepInputs(
  g: Graph,
  maskWidth: Dim,
): { inputIds: Value; positionIds: Value; attentionMask: Value; k: Value } {
  return {
    inputIds: g.input('input_ids', 'i64', [1, 'rows']),
    positionIds: g.input('position_ids', 'i64', [1, 'rows']),
    attentionMask: g.input('attention_mask', 'f32', [1, 1, 'rows', maskWidth]),
    k: g.input('k', 'i64', [1]),
  }
}

function outputCandidates(g: Graph, logProbs: Value, ids: Value): void {
  g.output('log_probs', logProbs)
  g.output('ids', ids)
}

function inputCaches(
  g: Graph,
  kind: string,
  slots: Dim,
  { hiddenSize, decoder: { layers, heads } }: TextConfig,
): AttentionCache[] {
  const shape = [1, heads, slots, hiddenSize / heads]
  return Array.from({ length: layers }, (_, i) => ({
    key: g.input(`${kind}_key_${i}`, 'f32', shape),
    value: g.input(`${kind}_value_${i}`, 'f32', shape),
  }))
}

function inputCrossMemory(
  g: Graph,
  { hiddenSize, decoder: { layers, heads } }: TextConfig,
): CrossMemory[] {
  const size = hiddenSize / heads
  return Array.from({ length: layers }, (_, i) => ({
    key: g.input(`cross_key_${i}`, 'f32', [1, heads, size, 'encoded']),
    value: g.input(`cross_value_${i}`, 'f32', [1, heads, 'encoded', size]),
  }))
}

function outputCaches(g: Graph, kind: string, caches: readonly AttentionCache[]): void {
  for (const [i, { key, value }] of caches.entries()) {
    g.output(`${kind}_key_${i}`, key)
    g.output(`${kind}_value_${i}`, value)
  }
}
