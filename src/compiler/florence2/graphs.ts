// The three graphs that a model is compiled to, with the names of their inputs and outputs: the
// contract between the compiler and the runtime.
//
//   vision   pixel_values               -> image_features
//   prefill  image_features, input_ids  -> encoder_output, cross_key_i, cross_value_i
//   decoder  input_ids, position_ids, attention_mask, k, past_*_i, cross_*_i
//                                       -> log_probs, ids, and what to remember of the new tokens
//
// Two lowerings make the same functions: `plain` follows the reference operator by operator, in
// operators that the providers of graphics cards have as well; `fused` is for the CPU. Whatever a
// graph computes with, its inputs and outputs are float32. To remember, the plain decoder gives
// present_*_i, which are past_*_i with the new slots behind; the fused one gives qkv_i of the new slots
// alone. It has inputs more: `cross_rows`, `cross_places` and `cross_mask`, because several answers share
// a step and each has read another picture or prompt, and `seqlens` and `total`, because its past is a
// buffer with room behind, and those say how much is in use.
import { FlocapError } from '../../base/errors.ts'
import type { ExternalDataWriter } from '../../onnx/external-data.ts'
import { Graph, type GraphOptions } from '../../onnx/graph.ts'
import { toFloat32, toFloatType } from '../../onnx/ops/shape.ts'
import { addDims, type Dim, type Shape, type Value } from '../../onnx/value.ts'
import { toFloat16 } from '../../weights/half.ts'
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
import { countFeatures, projector } from './projector.ts'

export type Lowering =
  | { readonly kind: 'plain'; readonly floats?: 'f32' | 'f16' }
  | { readonly kind: 'fused'; readonly plan: LinearPlan }

/**
 * Of the plain graphs: the last version of the standard operators that DirectML has, and the first
 * with Gelu.
 */
const PLAIN_OPSET = 20

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

/** What the projector makes of the last map. */
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
  const tokens = countFeatures(vision, side)
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

function newGraph(name: string, external: ExternalDataWriter, lowering: Lowering): Graph {
  return new Graph(name, external, optionsOf(lowering))
}

function optionsOf(lowering: Lowering): GraphOptions {
  if (lowering.kind === 'fused') return {}
  const half = lowering.floats === 'f16' ? { toHalf: toFloat16 } : {}
  return { opset: PLAIN_OPSET, ...half }
}

/** A float32 input as the graph's own floats. */
function floatInput(g: Graph, name: string, shape: Shape): Value {
  return toFloatType(g, g.input(name, 'f32', shape))
}

function floatOutput(g: Graph, name: string, value: Value): void {
  g.output(name, toFloat32(g, value))
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
  const g = newGraph('vision', external, lowering)
  const pixels = floatInput(g, 'pixel_values', [1, 3, imageSize, imageSize])
  const tower = weights.at('vision_tower')
  const map =
    lowering.kind === 'plain'
      ? davit(g, tower, pixels, vision)
      : fusedDavit(g, tower, pixels, vision, lowering.plan)
  const features = g.scope('projector', () =>
    projector(g, weights.at('multi_modal_projector'), map, vision),
  )
  floatOutput(g, 'image_features', features)
  return g
}

/** @param turned keys of the cross-attention cache are [1, heads, D, E], as the fused decoder reads them. */
function prefillGraph(parts: Parts, imageTokens: number, turned: boolean): Graph {
  const { weights, tables, external, lowering } = parts
  const { text } = parts.config
  const g = newGraph('prefill', external, lowering)
  const imageFeatures = floatInput(g, 'image_features', [1, imageTokens, text.hiddenSize])
  const inputs = { imageFeatures, inputIds: g.input('input_ids', 'i64', [1, 'prompt']) }
  const hidden =
    lowering.kind === 'plain'
      ? encoder(g, weights, inputs, text, tables)
      : fusedEncoder(g, weights, inputs, text, tables, lowering.plan)
  const cross =
    lowering.kind === 'plain'
      ? crossAttentionCache(g, weights, hidden, text)
      : fusedCrossCache(g, weights, hidden, text, lowering.plan, turned)
  floatOutput(g, 'encoder_output', hidden)
  outputCaches(g, 'cross', cross)
  return g
}

function plainDecoderGraph(parts: Parts): Graph {
  const { weights, tables, external, lowering } = parts
  const { text } = parts.config
  const g = newGraph('decoder', external, lowering)
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
    crossRows: {
      rows: g.input('cross_rows', 'i64', ['answers', 'queries']),
      places: g.input('cross_places', 'i64', ['rows']),
      mask: g.input('cross_mask', 'f32', ['answers', 1, 1, 'encoded']),
    },
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
    attentionMask: floatInput(g, 'attention_mask', [1, 1, 'rows', maskWidth]),
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
    key: floatInput(g, `${kind}_key_${i}`, shape),
    value: floatInput(g, `${kind}_value_${i}`, shape),
  }))
}

function inputCrossMemory(
  g: Graph,
  { hiddenSize, decoder: { layers, heads } }: TextConfig,
): CrossMemory[] {
  const size = hiddenSize / heads
  return Array.from({ length: layers }, (_, i) => ({
    key: g.input(`cross_key_${i}`, 'f32', ['answers', heads, size, 'encoded']),
    value: g.input(`cross_value_${i}`, 'f32', ['answers', heads, 'encoded', size]),
  }))
}

function outputCaches(g: Graph, kind: string, caches: readonly AttentionCache[]): void {
  for (const [i, { key, value }] of caches.entries()) {
    floatOutput(g, `${kind}_key_${i}`, key)
    floatOutput(g, `${kind}_value_${i}`, value)
  }
}
