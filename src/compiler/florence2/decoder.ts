// One step of BART's decoder for all rows of an answer, with its cache.
//
// The rows of a step (the live beams, or the first tokens fed as a chain) are positions of ONE
// sequence. The mask says which cached slots are a row's own past, so beams form a tree in a single
// cache: nothing is reordered or copied when beams change places, and the cross-attention cache is
// read once for all of them.
import type { Graph } from '../../onnx/graph.ts'
import { add, gemmTransposed, topK } from '../../onnx/ops/math.ts'
import { concat, gather, reshape, toFloat32 } from '../../onnx/ops/shape.ts'
import { type Dim, lengthAt, type Value } from '../../onnx/value.ts'
import type { Weights } from '../../weights/weights.ts'
import type { TextConfig, TransformerConfig } from './config.ts'
import { embedPlainly, positionTable, type TokenTables, tokenTable } from './embeddings.ts'
import { feedForward } from './encoder.ts'
import { attention, layerNorm, linear, logSoftmax, mergeHeads, splitHeads } from './layers.ts'

export interface AttentionCache {
  /** [1, heads, slots, D] */
  readonly key: Value
  readonly value: Value
}

export interface DecoderInputs {
  /** int64 [1, R] */
  readonly inputIds: Value
  /** int64 [1, R]: how far each row is from the start of its own answer. */
  readonly positionIds: Value
  /** [1, 1, R, past + R]: 0 where a row may look, a large negative number elsewhere. */
  readonly attentionMask: Value
  /** int64 [1]: how many of the most probable next tokens to return. */
  readonly k: Value
  readonly past: readonly AttentionCache[]
  readonly cross: readonly AttentionCache[]
}

export interface DecoderOutputs {
  /** [R, k] log-softmax over the whole vocabulary, largest first. */
  readonly logProbs: Value
  /** int32 or int64 [R, k] */
  readonly ids: Value
  readonly present: readonly AttentionCache[]
}

export function decoder(
  g: Graph,
  w: Weights,
  inputs: DecoderInputs,
  text: TextConfig,
  tables: TokenTables,
  rows: Dim,
): DecoderOutputs {
  const scope = w.at('language_model.decoder')
  const embedded = embedPlainly(g, w, inputs.inputIds, text, tables)
  const positions = gather(g, positionTable(g, scope, text), inputs.positionIds)
  let x = layerNorm(g, scope.at('layernorm_embedding'), add(g, embedded, positions))

  const present: AttentionCache[] = []
  for (let i = 0; i < text.decoder.layers; i += 1) {
    const layer = g.scope(`layer${i}`, () => {
      const [past, cross] = [inputs.past[i], inputs.cross[i]]
      if (!past || !cross) throw new RangeError(`layer ${i} has no cache`)
      const mask = inputs.attentionMask
      return decoderLayer(g, scope.at('layers').at(i), x, { past, cross, mask }, text.decoder)
    })
    x = layer.x
    present.push(layer.present)
  }

  const hidden = reshape(g, x, [rows, text.hiddenSize])
  const output = tokenTable(g, w, tables.output, { ...tables, ...text })
  const logits = withLogitsBias(g, w, gemmTransposed(g, hidden, output), tables.vocabularySize)
  // In float32 whatever came before: differences between the best tokens are small.
  const { values, indices } = topK(g, logSoftmax(g, toFloat32(g, logits)), inputs.k, 'k')
  // Not cast to int32: the graph would leave the device for it.
  return { logProbs: values, ids: indices, present }
}

/** Every published model has zeros here, and then nothing is added. */
function withLogitsBias(g: Graph, w: Weights, logits: Value, vocabularySize: number): Value {
  const name = 'language_model.final_logits_bias'
  if (!w.has(name)) return logits
  const bias = w.read(name, [1, vocabularySize])
  if (bias.every((value) => value === 0)) return logits
  return add(g, logits, g.tensor('final_logits_bias', bias, [1, vocabularySize]))
}

function decoderLayer(
  g: Graph,
  w: Weights,
  x: Value,
  { past, cross, mask }: { past: AttentionCache; cross: AttentionCache; mask: Value },
  config: TransformerConfig,
): { x: Value; present: AttentionCache } {
  const width = lengthAt(x, 2)
  const heads = (scope: Weights, name: string): Value =>
    splitHeads(g, linear(g, scope.at(name), x, width), config.heads)

  const self = w.at('self_attn')
  const present = {
    key: concat(g, [past.key, heads(self, 'k_proj')], 2),
    value: concat(g, [past.value, heads(self, 'v_proj')], 2),
  }
  const own = attention(g, { q: heads(self, 'q_proj'), k: present.key, v: present.value, mask })
  const attended = linear(g, self.at('out_proj'), mergeHeads(g, own), width)
  const y = layerNorm(g, w.at('self_attn_layer_norm'), add(g, x, attended))

  const other = w.at('encoder_attn')
  const q = splitHeads(g, linear(g, other.at('q_proj'), y, width), config.heads)
  const seen = attention(g, { q, k: cross.key, v: cross.value })
  const crossed = linear(g, other.at('out_proj'), mergeHeads(g, seen), width)
  const z = layerNorm(g, w.at('encoder_attn_layer_norm'), add(g, y, crossed))
  return { x: feedForward(g, w, z, config), present }
}
