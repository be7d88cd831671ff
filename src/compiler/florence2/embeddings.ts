// The token embedding, which the encoder, the decoder and the output projection share, and the
// learned positions.
import type { Graph } from '../../onnx/graph.ts'
import { mul } from '../../onnx/ops/math.ts'
import { gather, sliceRows } from '../../onnx/ops/shape.ts'
import type { Dim, Value } from '../../onnx/value.ts'
import type { Weights } from '../../weights/weights.ts'
import type { TextConfig } from './config.ts'

/** BART's position tables begin with two rows that no position uses. */
const POSITION_OFFSET = 2

export interface TokenTables {
  /** Rows of the embedding: at least as many as the tokenizer has ids. */
  readonly vocabularySize: number
  /** Name of the tensor that embeds tokens. */
  readonly embedding: string
  /** Name of the tensor that turns hidden states into logits; often the same. */
  readonly output: string
}

const SHARED = 'language_model.shared.weight'
/** The matrix that turns hidden states into logits, where it is stored by itself. */
export const OUTPUT_TENSOR = 'lm_head.weight'
/** The names under which files have the matrix that embeds tokens. */
export const TOKEN_TENSORS: readonly string[] = [
  SHARED,
  'language_model.encoder.embed_tokens.weight',
  'language_model.decoder.embed_tokens.weight',
]

/**
 * Which tensors to use. Published files store the tied matrix once, under any of its names;
 * fine-tunes saved by the remote code carry an output matrix of their own, which then counts.
 */
export function findTokenTables(w: Weights): TokenTables {
  const embedding = [...TOKEN_TENSORS, OUTPUT_TENSOR].find((name) => w.has(name)) ?? SHARED
  const output = w.has(OUTPUT_TENSOR) ? OUTPUT_TENSOR : embedding
  return { vocabularySize: w.shapeOf(embedding)[0]!, embedding, output }
}

/** A token matrix [V, hidden] as a tensor that all graphs over the same file share. */
export function tokenTable(
  g: Graph,
  w: Weights,
  name: string,
  { vocabularySize, hiddenSize }: { vocabularySize: number; hiddenSize: number },
): Value {
  const shape = [vocabularySize, hiddenSize]
  return g.sharedTensor(name, g.floatType, shape, () => w.read(name, shape))
}

/** ids int64 [1, T] -> [1, T, hidden], scaled as the configuration says. */
export function embedPlainly(
  g: Graph,
  w: Weights,
  ids: Value,
  text: TextConfig,
  tables: TokenTables,
): Value {
  const table = tokenTable(g, w, tables.embedding, { ...tables, ...text })
  return scaleEmbedding(g, gather(g, table, ids), text)
}

/** `scale_embedding`: only tokens are scaled; image features and the output projection are not. */
export function scaleEmbedding(g: Graph, embedded: Value, { embeddingScale }: TextConfig): Value {
  return embeddingScale === 1 ? embedded : mul(g, embedded, g.scalar(embeddingScale))
}

/** The table of learned positions [maxPositions, hidden], without the unused rows. */
export function positionTable(g: Graph, w: Weights, text: TextConfig): Value {
  const { maxPositions, hiddenSize } = text
  const stored = w.read('embed_positions.weight', [maxPositions + POSITION_OFFSET, hiddenSize])
  const used = stored.subarray(POSITION_OFFSET * hiddenSize)
  return g.tensor('positions', used, [maxPositions, hiddenSize])
}

/** Positions 0 to length - 1. @param length int64 [1]. */
export function firstPositions(g: Graph, table: Value, length: Value, dim: Dim): Value {
  return sliceRows(g, table, length, dim)
}
