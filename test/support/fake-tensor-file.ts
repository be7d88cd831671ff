// Files of tensors without a file, for tests of what reads them.
import type { TensorFile } from '../../src/weights/tensor-file.ts'

/** Shape and values of float32 tensors, by name. */
export type FakeTensors = Readonly<
  Record<string, readonly [shape: readonly number[], values: readonly number[]]>
>

export function fakeTensorFile(tensors: FakeTensors): TensorFile {
  return {
    tensors: new Map(
      Object.entries(tensors).map(([name, [shape]]) => [name, { name, dtype: 'F32', shape }]),
    ),
    read: (name) => new Uint8Array(Float32Array.from(tensors[name]![1]).buffer),
    close: () => undefined,
  }
}
