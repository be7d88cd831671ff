// A stored tensor as float32.
import { FlocapError } from '../base/errors.ts'
import { bfloat16ToFloat32, float16ToFloat32 } from './half.ts'
import type { TensorFile, TensorInfo } from './tensor-file.ts'

/** Row-major, in memory of its own. @throws FlocapError `invalid_model` for a type that is no float. */
export function readTensor(file: TensorFile, info: TensorInfo): Float32Array {
  const { buffer, byteOffset, byteLength } = file.read(info.name)
  switch (info.dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, byteLength / 4)
    case 'F16':
      return float16ToFloat32(new Uint16Array(buffer, byteOffset, byteLength / 2))
    case 'BF16':
      return bfloat16ToFloat32(new Uint16Array(buffer, byteOffset, byteLength / 2))
    case 'F64':
      // As PyTorch converts: each to the nearest.
      return Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8))
    case 'I64':
    case 'I32':
    case 'U8':
      throw new FlocapError(
        'invalid_model',
        `Tensor ${info.name} is stored as ${info.dtype}; weights must be F64, F32, F16 or BF16.`,
        { subject: info.name },
      )
  }
}
