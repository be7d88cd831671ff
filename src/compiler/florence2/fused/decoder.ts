// One step of BART's decoder in fused operators. The same function as the plain lowering in
// ../decoder.ts, but for its cache: past keys and values lie in buffers with room for more, which whoever
// runs the graph keeps. A step gives back only what is new, and not the whole cache: ONNX Runtime's
// binding for Node copies every result into new memory, and that took longer than the step's arithmetic.
import type { Graph } from '../../../onnx/graph.ts'
import { cachedAttention, type SlotCache } from '../../../onnx/ops/attention.ts'
import { add, matMul, softmax, sum } from '../../../onnx/ops/math.ts'
import { gather, mergeRows, reshape } from '../../../onnx/ops/shape.ts'
import { type Dim, dimAt, lengthAt, type Value } from '../../../onnx/value.ts'
import type { Weights } from '../../../weights/weights.ts'
import type { TextConfig, TransformerConfig } from '../config.ts'
import { positionTable, type TokenTables } from '../embeddings.ts'
import { layerNorm, mergeHeads, splitHeads } from '../layers.ts'
import { fusedFeedForward } from './encoder.ts'
import { readLinear, scaleOutputs, stack } from './linear.ts'
import { type LinearPlan, smoothed } from './linear-plan.ts'
import { planLayer, plannedLinear } from './planned-linear.ts'
import { embedTokens, outputHead } from './token-table.ts'

export interface FusedDecoderInputs {
  /** int64 [1, R] */
  readonly inputIds: Value
  /** int64 [1, R] */
  readonly positionIds: Value
  /** [1, 1, R, total]: 0 where a row may look, a large negative number elsewhere. */
  readonly attentionMask: Value
  readonly crossRows: CrossRows
  /** int32 [1]: slots in use with the new ones, less one. */
  readonly seqlens: Value
  /** int32 []: slots in use with the new ones. */
  readonly total: Value
  /** int64 [1] */
  readonly k: Value
  readonly past: readonly SlotCache[]
  readonly cross: readonly CrossMemory[]
}

/** What a layer attends to of the pictures and prompts of the A answers in progress. */
export interface CrossMemory {
  /** [A, heads, D, E]: turned, so that a single row's scores are a sum of its rows. */
  readonly key: Value
  /** [A, heads, E, D] */
  readonly value: Value
}

/** Which rows of a step belong to which answer: each answer's rows read its own memory alone. */
export interface CrossRows {
  /** int64 [A, Q]: the rows of each answer; where it has fewer than Q, any. */
  readonly rows: Value
  /** int64 [R]: where a row stands among those A * Q. */
  readonly places: Value
  /** [A, 1, 1, E]: 0 where an answer has memory, a large negative number behind its end. */
  readonly mask: Value
}

export interface FusedDecoderOutputs {
  readonly logProbs: Value
  readonly ids: Value
  /** Of each layer the queries, keys and values of the new slots, side by side: [1, R, 3 * hidden]. */
  readonly qkv: readonly Value[]
}

export function fusedDecoder(
  g: Graph,
  w: Weights,
  inputs: FusedDecoderInputs,
  {
    text,
    tables,
    plan,
    rows,
  }: { text: TextConfig; tables: TokenTables; plan: LinearPlan; rows: Dim },
): FusedDecoderOutputs {
  const scope = w.at('language_model.decoder')
  const embedded = embedTokens(g, w, inputs.inputIds, text, tables)
  const positions = gather(g, positionTable(g, scope, text), inputs.positionIds)
  let x = layerNorm(g, scope.at('layernorm_embedding'), sum(g, embedded, positions))

  const qkv: Value[] = []
  for (let i = 0; i < text.decoder.layers; i += 1) {
    const [past, cross] = [inputs.past[i], inputs.cross[i]]
    if (!past || !cross) throw new RangeError(`layer ${i} has no cache`)
    const layer = g.scope(`layer${i}`, () =>
      decoderLayer(g, scope.at('layers').at(i), x, { ...inputs, past, cross }, text.decoder, plan),
    )
    x = layer.x
    qkv.push(layer.qkv)
  }

  const hidden = reshape(g, x, [rows, text.hiddenSize])
  const head = { text, tables, format: plan.formatOf('lm_head') }
  const { logProbs, ids } = outputHead(g, w, hidden, { k: inputs.k, rowsDim: rows }, head)
  return { logProbs, ids, qkv }
}

type LayerInputs = Pick<FusedDecoderInputs, 'attentionMask' | 'crossRows' | 'seqlens' | 'total'> & {
  readonly past: SlotCache
  readonly cross: CrossMemory
}

function decoderLayer(
  g: Graph,
  w: Weights,
  x: Value,
  { past, cross, attentionMask: bias, crossRows, seqlens, total }: LayerInputs,
  config: TransformerConfig,
  plan: LinearPlan,
): { x: Value; qkv: Value } {
  const width = lengthAt(x, 2)
  const project = (scope: Weights, value: Value): Value => {
    const { apply, smoothing } = plannedLinear(g, plan, scope, { inputs: width, outputs: width })
    return apply(smoothed(g, value, smoothing))
  }

  const self = w.at('self_attn')
  const layers = ['q_proj', 'k_proj', 'v_proj'].map((name) =>
    readLinear(self.at(name), width, width),
  )
  const { apply, smoothing } = planLayer(g, plan, self.at('qkv').path, stack(layers))
  const qkv = apply(smoothed(g, x, smoothing))
  const seenBefore = cachedAttention(g, { qkv, past, seqlens, total, bias }, config.heads)
  const attended = project(self.at('out_proj'), seenBefore)
  const y = layerNorm(g, w.at('self_attn_layer_norm'), sum(g, x, attended))

  const other = w.at('encoder_attn')
  // The scores' scale is in the queries' weights: a plain product of one row with what lies turned has a
  // kernel of its own, which reads it once, in order.
  const scale = (width / config.heads) ** -0.5
  const queries = scaleOutputs(readLinear(other.at('q_proj'), width, width), scale)
  const toQueries = planLayer(g, plan, other.at('q_proj').path, queries)
  const q = toQueries.apply(smoothed(g, y, toQueries.smoothing))
  const seen = crossAttention(g, q, { ...cross, ...crossRows }, config.heads)
  const crossed = project(other.at('out_proj'), seen)
  const z = layerNorm(g, w.at('encoder_attn_layer_norm'), sum(g, y, crossed))
  return { x: fusedFeedForward(g, w, z, config, plan), qkv }
}

/** @param q [1, R, width], scaled already. @returns [1, R, width] */
function crossAttention(
  g: Graph,
  q: Value,
  { key, value, rows, places, mask }: CrossMemory & CrossRows,
  heads: number,
): Value {
  const width = lengthAt(q, 2)
  const byAnswer = splitHeads(g, gather(g, reshape(g, q, [dimAt(q, 1), width]), rows), heads)
  const scores = add(g, matMul(g, byAnswer, key), mask)
  const seen = mergeHeads(g, matMul(g, softmax(g, scores), value))
  const inRow = gather(g, mergeRows(g, seen, 'places'), places)
  return reshape(g, inRow, [1, dimAt(q, 1), width])
}
