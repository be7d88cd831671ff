// DaViT, the vision tower: four stages, each a strided convolution and blocks of two halves, one
// with attention inside windows of the map, one with attention between channels.
//
// Plain lowering: one ONNX operator for each step of the reference, float32. Source:
// modeling_florence2.py of Microsoft (DaViT, SpatialBlock, ChannelBlock).
import type { Graph } from '../../onnx/graph.ts'
import { conv } from '../../onnx/ops/conv.ts'
import { add, matMul, mul, softmax } from '../../onnx/ops/math.ts'
import { pad, reshape, slice, split, transpose } from '../../onnx/ops/shape.ts'
import { lengthAt, type Value } from '../../onnx/value.ts'
import type { Weights } from '../../weights/weights.ts'
import { activate } from './activations.ts'
import type { StageConfig, VisionConfig } from './config.ts'
import { attention, layerNorm, linear, mergeHeads, queryKeyValue, splitHeads } from './layers.ts'

/** A square feature map as tokens in raster order. */
export interface FeatureMap {
  /** [1, side * side, C] */
  readonly tokens: Value
  readonly side: number
}

/** [1, 3, S, S] normalised pixels -> the last stage's map. */
export function davit(g: Graph, w: Weights, pixels: Value, config: VisionConfig): FeatureMap {
  let map: FeatureMap | undefined
  for (const [i, stage] of config.stages.entries()) {
    map = g.scope(`stage${i}`, () => {
      const embedded = g.scope('embed', () =>
        convEmbed(g, w.at('convs').at(i), map ?? pixels, stage),
      )
      return blocks(g, w.at('blocks').at(i), embedded, stage, config.windowSize)
    })
  }
  if (!map) throw new RangeError('DaViT needs at least one stage')
  return map
}

/** The strided convolution that opens a stage, with its norm before or behind it. */
export function convEmbed(
  g: Graph,
  w: Weights,
  input: FeatureMap | Value,
  stage: StageConfig,
): FeatureMap {
  const { dim, inputDim, patchSize, stride, padding, prenorm } = stage
  let image: Value
  if (prenorm) {
    const map = 'tokens' in input ? input : toTokens(g, input)
    image = toImage(g, { ...map, tokens: layerNorm(g, w.at('norm'), map.tokens) })
  } else {
    image = 'tokens' in input ? toImage(g, input) : input
  }
  const shape = [dim, inputDim, patchSize, patchSize]
  const weight = g.tensor('weight', w.read('conv.weight', shape), shape)
  const bias = g.tensor('bias', w.read('conv.bias', [dim]), [dim])
  const map = toTokens(g, conv(g, image, weight, bias, { stride, padding }))
  return prenorm ? map : { ...map, tokens: layerNorm(g, w.at('norm'), map.tokens) }
}

function blocks(
  g: Graph,
  w: Weights,
  input: FeatureMap,
  stage: StageConfig,
  windowSize: number,
): FeatureMap {
  let map = input
  for (let i = 0; i < stage.depth; i += 1) {
    map = g.scope(`block${i}`, () => davitBlock(g, w.at(i), map, stage, windowSize))
  }
  return map
}

/** A spatial half, then a channel half. */
export function davitBlock(
  g: Graph,
  w: Weights,
  input: FeatureMap,
  stage: StageConfig,
  windowSize: number,
): FeatureMap {
  const spatial = g.scope('spatial', () => {
    const scope = w.at('spatial_block')
    const mixed = depthwise(g, scope.at('conv1'), input)
    const normed = { ...mixed, tokens: layerNorm(g, scope.at('norm1'), mixed.tokens) }
    const attended = windowAttention(g, scope.at('window_attn'), normed, stage, windowSize)
    return feedForward(g, scope, plus(g, mixed, attended), stage)
  })
  return g.scope('channel', () => {
    const scope = w.at('channel_block')
    const mixed = depthwise(g, scope.at('conv1'), spatial)
    const normed = layerNorm(g, scope.at('norm1'), mixed.tokens)
    const attended = channelAttention(g, scope.at('channel_attn'), normed, stage)
    return feedForward(g, scope, plus(g, mixed, attended), stage)
  })
}

/** x + depthwise 3x3 convolution of x: the conditional positional encoding. */
function depthwise(g: Graph, w: Weights, map: FeatureMap): FeatureMap {
  const channels = lengthAt(map.tokens, 2)
  const weight = g.tensor('weight', w.read('weight', [channels, 1, 3, 3]), [channels, 1, 3, 3])
  const bias = g.tensor('bias', w.read('bias', [channels]), [channels])
  const options = { stride: 1, padding: 1, groups: channels }
  const mixed = toTokens(g, conv(g, toImage(g, map), weight, bias, options))
  return plus(g, map, mixed.tokens)
}

/** x + depthwise, then + MLP of the norm: the second half of either block. */
function feedForward(g: Graph, w: Weights, input: FeatureMap, stage: StageConfig): FeatureMap {
  const mixed = depthwise(g, w.at('conv2'), input)
  const normed = layerNorm(g, w.at('norm2'), mixed.tokens)
  const hidden = activate(g, linear(g, w.at('ffn.fc1'), normed, stage.ffnDim), stage.activation)
  return plus(g, mixed, linear(g, w.at('ffn.fc2'), hidden, stage.dim))
}

/**
 * Full attention inside non-overlapping windows. The map is padded with zeros on the right and
 * below to a multiple of the window, and padded tokens take part in the softmax, as in the reference.
 */
function windowAttention(
  g: Graph,
  w: Weights,
  map: FeatureMap,
  stage: StageConfig,
  windowSize: number,
): Value {
  const { dim, heads } = stage
  const { side } = map
  const windows = Math.ceil(side / windowSize)
  const padded = windows * windowSize
  const area = windowSize * windowSize

  let grid = reshape(g, map.tokens, [1, side, side, dim])
  if (padded > side) grid = pad(g, grid, [0, 0, 0, 0], [0, padded - side, padded - side, 0])
  grid = reshape(g, grid, [1, windows, windowSize, windows, windowSize, dim])
  const windowed = transpose(g, grid, [0, 1, 3, 2, 4, 5])
  const tokens = reshape(g, windowed, [windows * windows, area, dim])

  const qkv = split(g, qkvOf(g, w, tokens, stage), 3, 2)
  const { q, k, v } = queryKeyValue(qkv.map((part) => splitHeads(g, part, heads)))
  const attended = linear(g, w.at('proj'), mergeHeads(g, attention(g, { q, k, v })), dim)

  let merged = reshape(g, attended, [1, windows, windows, windowSize, windowSize, dim])
  merged = transpose(g, merged, [0, 1, 3, 2, 4, 5])
  merged = reshape(g, merged, [1, padded, padded, dim])
  if (padded > side) {
    merged = slice(g, merged, [
      { axis: 1, start: 0, end: side },
      { axis: 2, start: 0, end: side },
    ])
  }
  return reshape(g, merged, [1, side * side, dim])
}

/**
 * Attention between the channels of a group: each group of C / groups channels has its own small
 * matrix of weights, scaled by the number of tokens of this map.
 */
function channelAttention(g: Graph, w: Weights, tokens: Value, stage: StageConfig): Value {
  const { dim, groups } = stage
  const length = lengthAt(tokens, 1)
  const qkv = split(g, qkvOf(g, w, tokens, stage), 3, 2)
  // [1, groups, N, D] each
  const { q, k, v } = queryKeyValue(qkv.map((part) => splitHeads(g, part, groups)))
  const scaled = transpose(g, mul(g, q, g.scalar(length ** -0.5)), [0, 1, 3, 2])
  const weights = softmax(g, matMul(g, scaled, k))
  // (A vT)T = v AT
  const attended = matMul(g, v, transpose(g, weights, [0, 1, 3, 2]))
  return linear(g, w.at('proj'), mergeHeads(g, attended), dim)
}

/** [.., C] -> [.., 3 C]: queries, keys and values side by side. */
function qkvOf(g: Graph, w: Weights, tokens: Value, { dim, qkvBias }: StageConfig): Value {
  return linear(g, w.at('qkv'), tokens, 3 * dim, { bias: qkvBias })
}

function plus(g: Graph, map: FeatureMap, tokens: Value): FeatureMap {
  return { ...map, tokens: add(g, map.tokens, tokens) }
}

function toImage(g: Graph, { tokens, side }: FeatureMap): Value {
  const grid = reshape(g, tokens, [1, side, side, lengthAt(tokens, 2)])
  return transpose(g, grid, [0, 3, 1, 2])
}

function toTokens(g: Graph, image: Value): FeatureMap {
  const side = lengthAt(image, 2)
  const tokens = reshape(g, transpose(g, image, [0, 2, 3, 1]), [1, side * side, lengthAt(image, 1)])
  return { tokens, side }
}
