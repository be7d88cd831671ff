// How much a compilation writes at most, known before it writes anything.
import { assertRoom, freeBytesOf } from '../base/disk-space.ts'
import { type CheckpointFolder, openWeights } from './checkpoint-folder.ts'
import type { Lowering } from './florence2/graphs.ts'
import type { Precision } from './precision.ts'
import type { TensorFile } from '../weights/tensor-file.ts'

/**
 * Over the weights alone: padding, a table that graphs need in two forms, graphs and tokenizer. Measured:
 * 3 to 6 % (bundled model, float32 and float16, both lowerings) and 4 % (base).
 */
const MARGIN = 1.1
/** Graphs, tokenizer files and manifest of the smallest model: they do not shrink with the weights. */
const FIXED_BYTES = 4_000_000

export interface CompiledAs {
  readonly precision?: Precision
  readonly lowering?: Lowering['kind']
}

/**
 * Bytes on the disk at the fullest moment. Forms of 8 bits are compiled in float32 first, to be
 * measured, so theirs is that of float32.
 *
 * @returns undefined for weights that cannot be read: compiling them says what is wrong.
 */
export function estimateBytes(
  folder: CheckpointFolder,
  { precision = 'fp32', lowering = 'fused' }: CompiledAs,
): number | undefined {
  const isHalf = lowering === 'plain' && precision === 'fp16'
  let elements = 0
  let files: readonly TensorFile[]
  try {
    files = openWeights(folder)
  } catch {
    return undefined
  }
  for (const file of files) {
    for (const { shape } of file.tensors.values()) {
      elements += shape.reduce((product, dim) => product * dim, 1)
    }
    file.close()
  }
  return Math.ceil(MARGIN * elements * (isHalf ? 2 : 4)) + FIXED_BYTES
}

/** @throws FlocapError `disk_full` */
export async function assertRoomFor(folder: string, bytes: number | undefined): Promise<void> {
  if (bytes === undefined) return
  assertRoom({ what: 'Compiling the model', folder, bytes, free: await freeBytesOf(folder) })
}
