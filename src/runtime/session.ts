// ONNX Runtime sessions: the only place that knows the library's options.
import { join } from 'node:path'
import type { Device } from '../base/devices.ts'
import { FlocapError } from '../base/errors.ts'
import { deviceRefused, providerOf } from './device.ts'
import { env, InferenceSession, Tensor } from './onnxruntime.ts'

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
  /** Default `cpu`, which also computes what another device has no kernel for. */
  readonly device?: Device
  /** Leaves the weights in their file instead of packing a copy: slower, in half the memory. */
  readonly mapWeights?: boolean
  /** Refuses graphs of which the device would leave a part to the CPU; for tests. */
  readonly wholly?: boolean
}

/**
 * A graph that loaded did not run on its device: the driver has given up, or the card's memory is
 * full. Such a device does not come back within the process.
 */
export class DeviceFailure extends Error {
  override readonly name = 'DeviceFailure'
}

// What ONNX Runtime has to say comes as exceptions; on its own it would write to standard error.
env.logLevel = 'fatal'

/**
 * @throws FlocapError `invalid_model` when ONNX Runtime refuses the file, `device_unavailable` when
 *   there is no such device. What comes back throws `DeviceFailure` where the device is not the CPU.
 */
export async function openSession(
  folder: string,
  file: string,
  { threads, device = 'cpu', mapWeights = false, wholly = false }: SessionOptions,
): Promise<Session> {
  let session: InferenceSession
  try {
    session = await InferenceSession.create(join(folder, file), {
      executionProviders: [providerOf(device)],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // The arena keeps what the largest moment of each run needed, rounded up to powers of two.
      enableCpuMemArena: !mapWeights,
      // Costs 165 MB on the vision encoder of Florence-2-base and gains nothing.
      enableMemPattern: false,
      // Warnings name internals of our own graphs; errors come as exceptions anyway.
      logSeverityLevel: 3,
      // The pools of idle sessions would otherwise spin and take cores from the busy one.
      extra: {
        session: {
          force_spinning_stop: '1',
          // Numbers below 1e-38, of which a softmax makes many, take Intel's processors many
          // times as long as others: half of the vision encoder's time. They add nothing to a sum.
          set_denormal_as_zero: '1',
          ...(mapWeights ? { disable_prepacking: '1' } : {}),
          ...(wholly ? { disable_cpu_ep_fallback: '1' } : {}),
        },
      },
    })
  } catch (error) {
    if (device !== 'cpu') throw deviceRefused(device, error)
    throw new FlocapError('invalid_model', `ONNX Runtime cannot load ${file}.`, {
      subject: file,
      hint: 'Remove the compiled model so that it is made again.',
      cause: error,
    })
  }
  const run: Session['run'] = async (inputs) => session.run(inputs)
  return {
    run: device === 'cpu' ? run : async (inputs) => onDevice(device, run(inputs)),
    close: async () => session.release(),
  }
}

async function onDevice<T>(device: Device, running: Promise<T>): Promise<T> {
  try {
    return await running
  } catch (error) {
    throw new DeviceFailure(`${device} failed while it computed`, { cause: error })
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

/** Of int32 or int64 that fit. @throws Error when the graph has no such result or it is neither. */
export function int32sOf(results: Tensors, name: string): Int32Array {
  const data = results[name]?.data
  if (data instanceof Int32Array) return data
  if (data instanceof BigInt64Array) return Int32Array.from(data, Number)
  throw new Error(`the graph gave no int32 or int64 ${name}`)
}
