// Devices as ONNX Runtime's execution providers, and what to tell who asked for one that is not there.
//
// A device that the user named is that device or an error: nothing falls back to the processor,
// which would be slower than the user believes and answer from other graphs.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import { type Device, devicesOf } from '../base/devices.ts'
import { FlocapError } from '../base/errors.ts'

/** COREML_FLAG_CREATE_MLPROGRAM of coreml_provider_factory.h: the older form lacks most operators. */
const COREML_ML_PROGRAM = 0x010

/** The first card; `CUDA_VISIBLE_DEVICES` says which that is. */
const FIRST_DEVICE = 0

export function providerOf(device: Device): InferenceSession.ExecutionProviderConfig {
  switch (device) {
    case 'cpu':
      return 'cpu'
    case 'cuda':
      return { name: 'cuda', deviceId: FIRST_DEVICE }
    case 'webgpu':
      return { name: 'webgpu' }
    case 'directml':
      return { name: 'dml', deviceId: FIRST_DEVICE }
    case 'coreml':
      return { name: 'coreml', coreMlFlags: COREML_ML_PROGRAM }
  }
}

/** What `assertDevice` looks at; others in tests. */
export interface DeviceProbe {
  readonly platform: string
  readonly architecture: string
  /** Whether this file lies beside ONNX Runtime's library. */
  readonly hasProviderFile: (name: string) => boolean
  /** What the system's loader says against a library; undefined when it can be loaded. */
  readonly loadError: (library: string) => string | undefined
}

const CUDA_PROVIDER = 'libonnxruntime_providers_cuda.so'
/** How Linux's loader says that a library, or one that it needs, is not there. */
const NOT_FOUND = 'cannot open shared object file'
/** Of the driver: it comes with it, and with nothing else. */
const CUDA_DRIVER = 'libcuda.so.1'

/**
 * What can be known before a model is compiled for a device.
 *
 * @throws FlocapError `device_unavailable` saying what is missing.
 */
export function assertDevice(device: Device, probe: DeviceProbe = machineProbe()): void {
  const { platform, architecture } = probe
  const here = devicesOf(platform, architecture)
  if (!here.includes(device)) {
    throw unavailable(device, `ONNX Runtime has no ${device} on ${platform} ${architecture}`, {
      hint: `Here --device can be ${here.join(', ')}.`,
    })
  }
  if (device === 'cuda') assertCuda(probe)
}

function assertCuda({ hasProviderFile, loadError }: DeviceProbe): void {
  if (!hasProviderFile(CUDA_PROVIDER)) {
    throw unavailable('cuda', `${CUDA_PROVIDER} is not installed`, {
      hint:
        'The install script of onnxruntime-node fetches it, and was skipped: in the folder of FloCap, run ' +
        "'ONNXRUNTIME_NODE_INSTALL=cuda12 node dist/node_modules/onnxruntime-node/script/install'.",
    })
  }
  const driver = loadError(CUDA_DRIVER)
  if (driver !== undefined) {
    throw unavailable('cuda', `there is no NVIDIA driver (${driver})`, {
      hint: 'Install it; a container needs the NVIDIA Container Toolkit and --gpus all.',
    })
  }
  const provider = loadError(CUDA_PROVIDER)
  if (provider !== undefined) {
    throw unavailable('cuda', `its libraries cannot be loaded (${provider})`, {
      hint: 'Install CUDA 12 and cuDNN 9, and name their folders in LD_LIBRARY_PATH.',
    })
  }
}

/** What ONNX Runtime said when a session was opened on a device that should be there. */
export function deviceRefused(device: Device, error: unknown): FlocapError {
  return unavailable(device, firstLine(error), { hint: REFUSED_HINTS[device], cause: error })
}

const REFUSED_HINTS: Record<Device, string> = {
  cpu: '',
  cuda: "'nvidia-smi' shows whether the driver sees the card, and how much of its memory is free.",
  webgpu: 'It needs a graphics driver: Vulkan on Linux (libvulkan1 and the card’s own driver).',
  directml: 'It needs a graphics card with a driver for DirectX 12.',
  coreml: 'It needs macOS 12 or later.',
}

function unavailable(
  device: Device,
  reason: string,
  { hint, cause }: { readonly hint: string; readonly cause?: unknown },
): FlocapError {
  return new FlocapError('device_unavailable', `The device ${device} cannot be used: ${reason}.`, {
    subject: device,
    hint: `${hint} --device cpu always works.`,
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Without the source positions and the function names that ONNX Runtime puts before its message. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const [line = ''] = text.split('\n')
  return line
    .replace(/^.*?was false\.\s*/, '')
    .trim()
    .replace(/\.$/, '')
}

function machineProbe(): DeviceProbe {
  const folder = libraryFolder()
  return {
    platform: process.platform,
    architecture: process.arch,
    hasProviderFile: (name) => existsSync(join(folder, name)),
    loadError(library) {
      const path = existsSync(join(folder, library)) ? join(folder, library) : library
      try {
        process.dlopen({ exports: {} }, path)
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        // What was found is no addon of Node, and Node says so: here only absence matters.
        return text.includes(NOT_FOUND) ? text : undefined
      }
      return undefined
    },
  }
}

/** Where onnxruntime-node keeps ONNX Runtime for this system. */
function libraryFolder(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node')
  return join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch)
}
