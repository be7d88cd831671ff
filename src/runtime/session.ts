// ONNX Runtime sessions: the only place that knows the library's options.
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { FlocapError } from '../base/errors.ts'

export { Tensor }

export type Tensors = Readonly<Record<string, Tensor>>

export interface Session {
  /** Runs the graph. Every result is copied into new memory, so a graph should not give what is large. */
  run(inputs: Tensors): Promise<Tensors>
  close(): Promise<void>
}

export interface SessionOptions {
  /** Threads of one operator. More than the machine has cores halves the speed. */
  readonly threads: number
}

/** @throws FlocapError `invalid_model` when ONNX Runtime refuses the file. */
export async function openSession(
  folder: string,
  file: string,
  { threads }: SessionOptions,
): Promise<Session> {
  let session: InferenceSession
  try {
    session = await InferenceSession.create(join(folder, file), {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Costs 165 MB on the vision encoder of Florence-2-base and gains nothing.
      enableMemPattern: false,
      // Warnings name internals of our own graphs; errors come as exceptions anyway.
      logSeverityLevel: 3,
      // The pools of idle sessions would otherwise spin and take cores from the busy one.
      extra: { session: { force_spinning_stop: '1' } },
    })
  } catch (error) {
    throw new FlocapError('invalid_model', `ONNX Runtime cannot load ${file}.`, {
      subject: file,
      hint: 'Remove the compiled model so that it is made again.',
      cause: error,
    })
  }
  return {
    run: async (inputs) => session.run(inputs),
    close: async () => session.release(),
  }
}

export function floats(data: Float32Array, shape: readonly number[]): Tensor {
  return new Tensor('float32', data, shape)
}

export function int64s(values: readonly number[], shape: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), shape)
}

export function int32s(values: readonly number[], shape: readonly number[]): Tensor {
  return new Tensor('int32', Int32Array.from(values), shape)
}

/** @throws Error when the graph has no such result or it is not float32. */
export function floatsOf(results: Tensors, name: string): Float32Array {
  const data = results[name]?.data
  if (data instanceof Float32Array) return data
  throw new Error(`the graph gave no float32 ${name}`)
}

/** @throws Error when the graph has no such result or it is not int32. */
export function int32sOf(results: Tensors, name: string): Int32Array {
  const data = results[name]?.data
  if (data instanceof Int32Array) return data
  throw new Error(`the graph gave no int32 ${name}`)
}
