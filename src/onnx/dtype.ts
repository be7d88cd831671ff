// The element types that our graphs use, and the numbers ONNX gives them.

/** Element types in the spelling of the text printer. */
export type Dtype = 'f32' | 'f16' | 'i64' | 'i32' | 'i8' | 'u8' | 'bool'

/** TensorProto.DataType of onnx.proto. */
export const DATA_TYPE: Record<Dtype, number> = {
  f32: 1,
  u8: 2,
  i8: 3,
  i32: 6,
  i64: 7,
  bool: 9,
  f16: 10,
}
