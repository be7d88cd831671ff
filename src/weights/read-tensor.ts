// A stored tensor as float32.
import { FlocapError } from '../base/errors.ts'
import { bfloat16ToFloat32, float16ToFloat32 } from './half.ts'
import type { TensorDtype, TensorFile, TensorInfo } from './tensor-file.ts'

/** Row-major, in memory of its own. @throws FlocapError as `assertFloats` */
export function readTensor(file: TensorFile, info: TensorInfo): Float32Array {
  assertFloats(info)
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
  }
}

/** What weights are stored as. */
const FLOATS = ['F64', 'F32', 'F16', 'BF16'] as const satisfies readonly TensorDtype[]

/** @throws FlocapError `invalid_model` for a tensor of a type that weights do not have. */
export function assertFloats(
  info: TensorInfo,
): asserts info is TensorInfo & { readonly dtype: (typeof FLOATS)[number] } {
  const { name, dtype } = info
  if (FLOATS.some((float) => float === dtype)) return
  throw new FlocapError(
    'invalid_model',
    `Tensor ${name} is stored as ${dtype}; weights must be F64, F32, F16 or BF16.`,
    {
      subject: name,
      hint:
        'Integers and 8-bit floats are weights that another program has quantised. Give FloCap the ' +
        'model that they were made from: it quantises by itself.',
    },
  )
}
