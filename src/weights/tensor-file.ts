// The seam between checkpoint formats and their readers: safetensors and PyTorch's zip format look
// the same from here on.

export type TensorDtype = 'F32' | 'F16' | 'BF16' | 'F64' | 'I64' | 'I32' | 'U8'

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
