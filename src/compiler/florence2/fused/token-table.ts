// The token matrix of the fused lowering: looking tokens up, and the output projection.
//
// The projection reads the whole vocabulary for every token, which is nearly half of all that a step
// of Florence-2-base reads. Quantised it is a fraction of that, and its error is taken back where it
// matters: the logits of the best candidates are computed again from the full matrix.
import type { Graph } from '../../../onnx/graph.ts'
import {
  add,
  exp,
  gemmTransposed,
  log,
  logSoftmax,
  matMul,
  max,
  reduceMax,
  reduceSum,
  sub,
  topK,
} from '../../../onnx/ops/math.ts'
import { cast, gather, gatherElements, reshape } from '../../../onnx/ops/shape.ts'
import type { Dim, Value } from '../../../onnx/value.ts'
import { toExactFloat16 } from '../../../weights/half.ts'
import type { Weights } from '../../../weights/weights.ts'
import type { TextConfig } from '../config.ts'
import { scaleEmbedding, type TokenTables } from '../embeddings.ts'
import { linear } from './linear.ts'
import type { LinearFormat } from './linear-plan.ts'

/**
 * Candidates beyond the wanted ones that get exact logits. The quantised order of a token would have
 * to be off by this many ranks to lose one; see docs/design/quantisation.md for the measurement.
 */
const EXTRA_CANDIDATES = 48

/** Below this a sum of probabilities is rounding error. */
const SMALLEST_REST = 1e-9

/** ids int64 [1, T] -> [1, T, hidden]. */
export function embedTokens(
  g: Graph,
  w: Weights,
  ids: Value,
  text: TextConfig,
  tables: TokenTables,
): Value {
  const embedded = rows(g, exactTable(g, w, tables.embedding, text, tables), ids)
  return scaleEmbedding(g, embedded, text)
}

/** hidden [R, hidden] -> the `k` most probable next tokens of each row. */
export function outputHead(
  g: Graph,
  w: Weights,
  hidden: Value,
  { k, rowsDim }: { k: Value; rowsDim: Dim },
  { text, tables, format }: { text: TextConfig; tables: TokenTables; format: LinearFormat },
): { logProbs: Value; ids: Value } {
  const { vocabularySize } = tables
  const width = text.hiddenSize
  const weight = w.read(tables.output, [vocabularySize, width])
  const bias = logitsBias(w, vocabularySize)
  if (format === 'f32') {
    const table = g.sharedTensor(
      `${tables.output}.f32`,
      'f32',
      [vocabularySize, width],
      () => weight,
    )
    const product = gemmTransposed(g, hidden, table)
    const logits = bias ? add(g, product, g.tensor('bias', bias, [vocabularySize])) : product
    const best = topK(g, logSoftmax(g, logits), k, 'k')
    return { logProbs: best.values, ids: cast(g, best.indices, 'i32') }
  }

  const layer = { weight, bias, inputs: width, outputs: vocabularySize }
  const approximate = linear(g, layer, format)(hidden)
  const approximateLogProbs = logSoftmax(g, approximate)
  const wanted = add(g, k, g.int64s([EXTRA_CANDIDATES]))
  const candidates = topK(g, approximateLogProbs, wanted, 'candidates')

  // Exact logits of the candidates: [R, C, hidden] x [R, hidden, 1].
  const table = exactTable(g, w, tables.output, text, tables)
  const column = reshape(g, hidden, [rowsDim, width, 1])
  const products = matMul(g, rows(g, table, candidates.indices), column)
  const product = reshape(g, products, [rowsDim, 'candidates'])
  const exact = bias
    ? add(g, product, rows(g, g.tensor('bias', bias, [vocabularySize]), candidates.indices))
    : product

  // log-softmax with the candidates' exact logits and everybody else's approximate ones: the
  // candidates' share of the old sum is replaced by their new one.
  const oldNormaliser = sub(
    g,
    reduceMax(g, approximate, [-1]),
    reduceMax(g, candidates.values, [-1]),
  )
  const relative = sub(g, exact, oldNormaliser)
  const others = max(
    g,
    sub(g, g.scalar(1), reduceSum(g, exp(g, candidates.values), [-1])),
    g.scalar(SMALLEST_REST),
  )
  const normaliser = log(g, add(g, others, reduceSum(g, exp(g, relative), [-1])))
  const best = topK(g, sub(g, relative, normaliser), k, 'k')
  const ids = gatherElements(g, candidates.indices, best.indices)
  return { logProbs: best.values, ids: cast(g, ids, 'i32') }
}

/**
 * The matrix without loss: in half precision where its values allow that, as in all published
 * checkpoints, else in float32.
 */
function exactTable(
  g: Graph,
  w: Weights,
  name: string,
  { hiddenSize }: TextConfig,
  { vocabularySize }: TokenTables,
): Value {
  const shape = [vocabularySize, hiddenSize]
  const values = w.read(name, shape)
  const half = toExactFloat16(values)
  return half === null
    ? g.sharedTensor(`${name}.f32`, 'f32', shape, () => values)
    : g.sharedTensor(`${name}.f16`, 'f16', shape, () => half)
}

/** Rows of a table in float32. */
function rows(g: Graph, table: Value, ids: Value): Value {
  const found = gather(g, table, ids)
  return found.dtype === 'f16' ? cast(g, found, 'f32') : found
}

/** null where it is all zeros, as in every published model. */
function logitsBias(w: Weights, vocabularySize: number): Float32Array | null {
  const name = 'language_model.final_logits_bias'
  if (!w.has(name)) return null
  const bias = w.read(name, [1, vocabularySize])
  return bias.every((value) => value === 0) ? null : bias
}
