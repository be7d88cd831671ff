// Weights in fewer bits, in the forms that ONNX Runtime's integer kernels read. All are symmetric:
// zero stays zero.

/** An int8 matrix with one scale for each column: w = q * scale[column]. */
export interface QuantizedColumns {
  /** [rows, columns] */
  readonly values: Int8Array
  /** [columns] */
  readonly scales: Float32Array
}

/** int8 without -128, so that the range is symmetric. */
const INT8_LIMIT = 127

/**
 * @param matrix [rows, columns] row-major: rows are the inputs of a linear layer, columns its outputs.
 */
export function quantizeColumns(
  matrix: Float32Array,
  rows: number,
  columns: number,
): QuantizedColumns {
  const scales = new Float32Array(columns)
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, at += 1) {
      const size = Math.abs(matrix[at]!)
      if (size > scales[column]!) scales[column] = size
    }
  }
  for (let column = 0; column < columns; column += 1)
    scales[column] = toScale(scales[column]!, INT8_LIMIT)
  const values = new Int8Array(matrix.length)
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, at += 1) {
      values[at] = Math.round(matrix[at]! / scales[column]!)
    }
  }
  return { values, scales }
}

/** The packing of com.microsoft.MatMulNBits: blocks along the inputs, one scale for each. */
export interface QuantizedBlocks {
  /** [outputs, blocks, blockSize * bits / 8]; 4-bit values lie low nibble first. */
  readonly packed: Uint8Array
  /** [outputs, blocks] */
  readonly scales: Float32Array
  readonly blocks: number
}

/**
 * @param matrix [outputs, inputs] row-major, as PyTorch stores a linear layer. A last block that is
 *   not full is filled with zeros.
 */
export function quantizeBlocks(
  matrix: Float32Array,
  outputs: number,
  inputs: number,
  { bits, blockSize }: { bits: 4 | 8; blockSize: number },
): QuantizedBlocks {
  const blocks = Math.ceil(inputs / blockSize)
  const zeroPoint = 1 << (bits - 1)
  const limit = zeroPoint - 1
  const bytesPerBlock = (blockSize * bits) / 8
  const packed = new Uint8Array(outputs * blocks * bytesPerBlock)
  const scales = new Float32Array(outputs * blocks)
  for (let output = 0; output < outputs; output += 1) {
    for (let block = 0; block < blocks; block += 1) {
      const from = output * inputs + block * blockSize
      const length = Math.min(blockSize, inputs - block * blockSize)
      const index = output * blocks + block
      const scale = blockScale(matrix, from, length, limit)
      scales[index] = scale
      const base = index * bytesPerBlock
      for (let i = 0; i < blockSize; i += 1) {
        const value = i < length ? Math.round(matrix[from + i]! / scales[index]) : 0
        const stored = Math.max(0, Math.min(2 * zeroPoint - 1, value + zeroPoint))
        if (bits === 8) packed[base + i] = stored
        else packed[base + (i >> 1)]! |= i % 2 === 0 ? stored : stored << 4
      }
    }
  }
  return { packed, scales, blocks }
}

function blockScale(matrix: Float32Array, from: number, length: number, limit: number): number {
  let largest = 0
  for (let i = from; i < from + length; i += 1) {
    const size = Math.abs(matrix[i]!)
    if (size > largest) largest = size
  }
  return toScale(largest, limit)
}

/** A column of zeros still needs a scale that can be divided by. */
function toScale(largest: number, limit: number): number {
  return Math.fround(largest / limit) || 1
}
