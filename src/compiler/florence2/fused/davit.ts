// DaViT in the operators that ONNX Runtime runs fastest on a CPU. The same function as the plain
// lowering in ../davit.ts, which differential tests hold it to.
//
// What is different, and what each gained at 768 pixels on two cores, is in docs/design/speed.md:
// - the residual of each depthwise convolution is its own centre tap;
// - transposes stand where ONNX Runtime folds them into its blocked convolution layout;
// - attention inside windows is one operator, and tokens move to and from their windows in 8 bits;
// - tokens of the early stages go through in chunks whose intermediate results stay in cache;
// - strided convolutions are matrix products over their patches, so that they can be int8.
import type { Graph } from '../../../onnx/graph.ts'
import { fusedMatMul, packedAttention } from '../../../onnx/ops/attention.ts'
import { conv } from '../../../onnx/ops/conv.ts'
import { add, softmax, sum } from '../../../onnx/ops/math.ts'
import { concat, pad, reshape, slice, split, transpose } from '../../../onnx/ops/shape.ts'
import { lengthAt, type Value } from '../../../onnx/value.ts'
import type { Weights } from '../../../weights/weights.ts'
import { activate } from '../activations.ts'
import type { StageConfig, VisionConfig } from '../config.ts'
import { convEmbed, type FeatureMap } from '../davit.ts'
import { layerNorm, mergeHeads, queryKeyValue, splitHeads } from '../layers.ts'
import { readLinear, stack, unstack } from './linear.ts'
import { divideOutputs, type LinearPlan, smoothed, smoothedNorm } from './linear-plan.ts'
import { planLayer, plannedLinear, planParallel } from './planned-linear.ts'

/**
 * Rows that go through an MLP at once. In the first stage their hidden values are 5 MB, in the third 19 MB:
 * smaller parts would stay in more caches, but products of fewer rows are slower.
 */
const MLP_CHUNK_ROWS = 2304
/** Rows that go through window attention at once; its intermediate results are narrower. */
const ATTENTION_CHUNK_ROWS = 4608
/** Rows whose queries, keys and values exist at once in channel attention. */
const CHANNEL_CHUNK_ROWS = 2304
/** Rows of patches that exist at once; each has nine times the values of a token. */
const PATCH_CHUNK_ROWS = 2304

export function fusedDavit(
  g: Graph,
  w: Weights,
  pixels: Value,
  config: VisionConfig,
  plan: LinearPlan,
): FeatureMap {
  let map: FeatureMap | undefined
  for (const [i, stage] of config.stages.entries()) {
    map = g.scope(`stage${i}`, () => {
      const embedded = g.scope('embed', () => {
        const scope = w.at('convs').at(i)
        // The first convolution has three channels: too few for a product over patches to pay.
        return map === undefined || !stage.prenorm
          ? convEmbed(g, scope, map ?? pixels, stage)
          : patchEmbed(g, scope, map, stage, plan)
      })
      let current = embedded
      for (let block = 0; block < stage.depth; block += 1) {
        const scope = w.at('blocks').at(i).at(block)
        current = g.scope(`block${block}`, () =>
          fusedBlock(g, scope, current, stage, config.windowSize, plan),
        )
      }
      return current
    })
  }
  if (!map) throw new RangeError('DaViT needs at least one stage')
  return map
}

/** A spatial half, then a channel half. */
export function fusedBlock(
  g: Graph,
  w: Weights,
  input: FeatureMap,
  stage: StageConfig,
  windowSize: number,
  plan: LinearPlan,
): FeatureMap {
  const spatial = g.scope('spatial', () => {
    const scope = w.at('spatial_block')
    const mixed = depthwise(g, scope.at('conv1'), input)
    const attended = windowAttention(g, scope, mixed, stage, windowSize, plan)
    return feedForward(g, scope, { ...mixed, tokens: add(g, mixed.tokens, attended) }, stage, plan)
  })
  return g.scope('channel', () => {
    const scope = w.at('channel_block')
    const mixed = depthwise(g, scope.at('conv1'), spatial)
    const attended = channelAttention(g, scope, mixed.tokens, stage, plan)
    return feedForward(g, scope, { ...mixed, tokens: add(g, mixed.tokens, attended) }, stage, plan)
  })
}

/** x + depthwise 3x3 of x as one convolution: the centre tap carries the residual. */
function depthwise(g: Graph, w: Weights, { tokens, side }: FeatureMap): FeatureMap {
  const channels = lengthAt(tokens, 2)
  const taps = Float32Array.from(w.read('weight', [channels, 1, 3, 3]))
  for (let channel = 0; channel < channels; channel += 1) taps[channel * 9 + 4]! += 1
  const weight = g.tensor('weight', taps, [channels, 1, 3, 3])
  const bias = g.tensor('bias', w.read('bias', [channels]), [channels])
  const image = transpose(g, reshape(g, tokens, [1, side, side, channels]), [0, 3, 1, 2])
  const mixed = conv(g, image, weight, bias, { stride: 1, padding: 1, groups: channels })
  const back = transpose(g, mixed, [0, 2, 3, 1])
  return { tokens: reshape(g, back, [1, side * side, channels]), side }
}

function feedForward(
  g: Graph,
  w: Weights,
  input: FeatureMap,
  stage: StageConfig,
  plan: LinearPlan,
): FeatureMap {
  const mixed = depthwise(g, w.at('conv2'), input)
  const first = plannedLinear(g, plan, w.at('ffn.fc1'), {
    inputs: stage.dim,
    outputs: stage.ffnDim,
    free: true,
  })
  const second = plannedLinear(g, plan, w.at('ffn.fc2'), {
    inputs: stage.ffnDim,
    outputs: stage.dim,
  })
  const normed = smoothedNorm(g, w.at('norm2'), mixed.tokens, first.smoothing)
  plan.observe(g, first.path, normed)
  const output = inChunks(g, normed, MLP_CHUNK_ROWS, 1, (rows) => {
    const hidden = activate(g, first.apply(rows), stage.activation)
    plan.observe(g, second.path, hidden)
    return second.apply(smoothed(g, hidden, second.smoothing))
  })
  // Sum, because a norm may follow: see `sum`.
  return { ...mixed, tokens: sum(g, mixed.tokens, output) }
}

function windowAttention(
  g: Graph,
  w: Weights,
  map: FeatureMap,
  stage: StageConfig,
  windowSize: number,
  plan: LinearPlan,
): Value {
  const { dim, heads } = stage
  const { side } = map
  const windows = Math.ceil(side / windowSize)
  const padded = windows * windowSize
  const area = windowSize * windowSize
  const scope = w.at('window_attn')
  const proj = plannedLinear(g, plan, scope.at('proj'), { inputs: dim, outputs: dim, free: true })
  // A channel of the values only meets itself inside the attention, so the layer that makes the
  // values can divide what `proj` reads.
  const [wq, wk, wv] = unstack(
    readLinear(scope.at('qkv'), dim, 3 * dim, { bias: stage.qkvBias }),
    3,
  )
  const stacked = stack([wq!, wk!, divideOutputs(wv!, proj.smoothing)])
  const qkv = planParallel(g, plan, scope.at('qkv').path, stacked, { parts: 3, free: true })
  const normed = smoothedNorm(g, w.at('norm1'), map.tokens, qkv.smoothing)
  plan.observe(g, qkv.path, normed)

  let grid = reshape(g, normed, [1, side, side, dim])
  if (padded > side) grid = pad(g, grid, [0, 0, 0, 0], [0, padded - side, padded - side, 0])
  const rows = reshape(g, grid, [1, padded * padded, dim])

  // Parts are whole rows of windows, so that they are runs of the picture's rows as well.
  const unit = windowSize * padded
  const attended = inChunks(g, rows, ATTENTION_CHUNK_ROWS, unit, (chunk) => {
    const count = lengthAt(chunk, 1)
    /** Exchanges the rows of the picture and the windows in a row of them. */
    const exchange = (x: Value, [outer, inner]: [number, number]): Value => {
      const apart = reshape(g, x, [count / unit, outer, inner, windowSize, dim])
      return reshape(g, transpose(g, apart, [0, 2, 1, 3, 4]), [1, count, dim])
    }
    const parts = qkv
      .apply(chunk, (x) => exchange(x, [windowSize, windows]))
      .map((part) => reshape(g, part, [count / area, area, dim]))
    const mixed = packedAttention(g, queryKeyValue(parts), heads)
    const output = reshape(g, mixed, [1, count, dim])
    plan.observe(g, proj.path, output)
    return proj.apply(output, (x) => exchange(x, [windows, windowSize]))
  })
  if (padded === side) return attended

  const inside = { start: 0, end: side }
  const cut = slice(g, reshape(g, attended, [1, padded, padded, dim]), [
    { axis: 1, ...inside },
    { axis: 2, ...inside },
  ])
  return reshape(g, cut, [1, side * side, dim])
}

function channelAttention(
  g: Graph,
  w: Weights,
  tokens: Value,
  stage: StageConfig,
  plan: LinearPlan,
): Value {
  const { dim, groups } = stage
  const scope = w.at('channel_attn')
  const layer = readLinear(scope.at('qkv'), dim, 3 * dim, { bias: stage.qkvBias })
  const qkv = planParallel(g, plan, scope.at('qkv').path, layer, { parts: 3, free: true })
  const proj = plannedLinear(g, plan, scope.at('proj'), { inputs: dim, outputs: dim })
  const normed = smoothedNorm(g, w.at('norm1'), tokens, qkv.smoothing)
  plan.observe(g, qkv.path, normed)
  // The scores between channels are sums over all tokens, so parts of the tokens give parts of them.
  const alpha = lengthAt(tokens, 1) ** -0.5
  const parts = chunksOf(g, normed, CHANNEL_CHUNK_ROWS).map((rows) => {
    const { q, k, v } = queryKeyValue(qkv.apply(rows).map((part) => splitHeads(g, part, groups)))
    return { scores: fusedMatMul(g, q, k, { transA: true, alpha }), v }
  })
  const scores = parts.map((part) => part.scores).reduce((a, b) => sum(g, a, b))
  const weights = softmax(g, scores)
  const outputs = parts.map(({ v }) => {
    const attended = mergeHeads(g, fusedMatMul(g, v, weights, { transB: true }))
    plan.observe(g, proj.path, attended)
    return proj.apply(smoothed(g, attended, proj.smoothing))
  })
  return joined(g, outputs)
}

/** A strided convolution as a matrix product over its patches. */
function patchEmbed(
  g: Graph,
  w: Weights,
  map: FeatureMap,
  stage: StageConfig,
  plan: LinearPlan,
): FeatureMap {
  const { dim, inputDim, patchSize, stride, padding } = stage
  const side = Math.floor((map.side + 2 * padding - patchSize) / stride) + 1
  const normed = layerNorm(g, w.at('norm'), map.tokens)
  const grid = reshape(g, normed, [1, map.side, map.side, inputDim])
  const around = [0, padding, padding, 0]
  const padded = pad(g, grid, around, around)
  const inputs = patchSize * patchSize * inputDim
  /** The patches of some rows of the result: [1, count * side, inputs]. */
  const patchesOf = (row: number, count: number): Value => {
    const span = (length: number): number => (length - 1) * stride + 1
    const taps: Value[] = []
    for (let y = 0; y < patchSize; y += 1) {
      for (let x = 0; x < patchSize; x += 1) {
        const start = row * stride + y
        taps.push(
          slice(g, padded, [
            { axis: 1, start, end: start + span(count), step: stride },
            { axis: 2, start: x, end: x + span(side), step: stride },
          ]),
        )
      }
    }
    return reshape(g, concat(g, taps, 3), [1, count * side, inputs])
  }
  const scope = w.at('conv')
  const layer = {
    weight: tapsFirst(scope.read('weight', [dim, inputDim, patchSize, patchSize]), dim, inputDim),
    bias: scope.read('bias', [dim]),
    inputs,
    outputs: dim,
  }
  const planned = planLayer(g, plan, scope.path, layer)
  const chunks = chunkCount(side, PATCH_CHUNK_ROWS / side)
  const count = side / chunks
  const outputs = Array.from({ length: chunks }, (_, chunk) => {
    const patches = patchesOf(chunk * count, count)
    plan.observe(g, planned.path, patches)
    return planned.apply(smoothed(g, patches, planned.smoothing))
  })
  return { tokens: joined(g, outputs), side }
}

/** [outputs, inputs, taps] -> [outputs, taps, inputs]: the order in which patches lie. */
function tapsFirst(weight: Float32Array, outputs: number, inputs: number): Float32Array {
  const taps = weight.length / outputs / inputs
  const result = new Float32Array(weight.length)
  for (let output = 0; output < outputs; output += 1) {
    for (let input = 0; input < inputs; input += 1) {
      for (let tap = 0; tap < taps; tap += 1) {
        result[(output * taps + tap) * inputs + input] =
          weight[(output * inputs + input) * taps + tap]!
      }
    }
  }
  return result
}

/**
 * Applies a layer to equal parts of the rows [1, N, C] of about `target` rows each.
 *
 * @param unit rows that must stay together.
 */
function inChunks(
  g: Graph,
  rows: Value,
  target: number,
  unit: number,
  apply: (chunk: Value) => Value,
): Value {
  return joined(
    g,
    chunksOf(g, rows, target, unit).map((chunk) => apply(chunk)),
  )
}

function chunksOf(g: Graph, rows: Value, target: number, unit = 1): Value[] {
  const chunks = chunkCount(lengthAt(rows, 1) / unit, target / unit)
  return chunks === 1 ? [rows] : split(g, rows, chunks, 1)
}

function joined(g: Graph, chunks: readonly Value[]): Value {
  return chunks.length === 1 ? chunks[0]! : concat(g, chunks, 1)
}

/** The smallest divisor of `units` that makes parts of no more than `target`; 1 when none does well. */
function chunkCount(units: number, target: number): number {
  const wanted = Math.ceil(units / target)
  for (let chunks = wanted; chunks < 2 * wanted; chunks += 1)
    if (units % chunks === 0) return chunks
  return 1
}
