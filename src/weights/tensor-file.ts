// The seam between checkpoint formats and their readers: safetensors and PyTorch's zip format look
// the same from here on.

/** Element types that files of weights hold, by safetensors' names, and the bytes of each. */
export const BYTES_PER_ELEMENT = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const

export type TensorDtype = keyof typeof BYTES_PER_ELEMENT

export interface TensorInfo {
  readonly name: string
  readonly dtype: TensorDtype
  readonly shape: readonly number[]
}

/**
 * An open checkpoint file: what it holds, and its raw little-endian bytes on demand. Reading is
 * synchronous, so that the code that builds a layer reads like the layer; it happens only while a
 * model is compiled, in a process that serves nobody.
 */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, TensorInfo>
  /** Raw little-endian, C-contiguous bytes of one tensor, in memory of its own. */
  read(name: string): Uint8Array
  close(): void
}
