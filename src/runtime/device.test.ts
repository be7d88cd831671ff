import { describe, expect, it } from 'vitest'
import { type Device, DEVICES } from '../base/devices.ts'
import { FlocapError } from '../base/errors.ts'
import { assertDevice, type DeviceProbe, deviceRefused, providerOf } from './device.ts'

const LINUX: DeviceProbe = {
  platform: 'linux',
  architecture: 'x64',
  hasProviderFile: () => true,
  loadError: () => undefined,
}

function refusal(device: Device, probe: Partial<DeviceProbe>): FlocapError {
  try {
    assertDevice(device, { ...LINUX, ...probe })
  } catch (error) {
    if (error instanceof FlocapError) return error
    throw error
  }
  throw new Error(`${device} was not refused`)
}

describe('assertDevice', () => {
  it('lets a device pass for which everything is there', () => {
    const pass = (device: Device, probe: Partial<DeviceProbe> = {}) =>
      expect(() => assertDevice(device, { ...LINUX, ...probe })).not.toThrow()
    for (const device of ['cpu', 'cuda', 'webgpu'] as const) pass(device)
    pass('directml', { platform: 'win32' })
    pass('coreml', { platform: 'darwin', architecture: 'arm64' })
  })

  it('names the devices of this system for one that it does not have', () => {
    const error = refusal('directml', {})
    expect(error).toMatchObject({ code: 'device_unavailable', subject: 'directml' })
    expect(error.message).toContain('no directml on linux x64')
    expect(error.hint).toContain('cpu, cuda, webgpu')
    expect(refusal('cuda', { architecture: 'arm64' }).hint).toContain('Here --device can be cpu.')
  })

  it('tells how to get the CUDA provider that the install script fetches', () => {
    const error = refusal('cuda', { hasProviderFile: () => false })
    expect(error.message).toContain('libonnxruntime_providers_cuda.so is not installed')
    expect(error.hint).toContain('ONNXRUNTIME_NODE_INSTALL=cuda12')
  })

  it('tells a missing driver from missing libraries, with what the loader says', () => {
    const missing = (library: string) => `${library}: cannot open shared object file`
    const noDriver = refusal('cuda', { loadError: missing })
    expect(noDriver.message).toContain('no NVIDIA driver (libcuda.so.1: cannot open')
    expect(noDriver.hint).toContain('--gpus all')
    const noLibraries = refusal('cuda', {
      loadError: (library) =>
        library === 'libcuda.so.1' ? undefined : missing('libcublasLt.so.12'),
    })
    expect(noLibraries.message).toContain('cannot be loaded (libcublasLt.so.12: cannot open')
    expect(noLibraries.hint).toContain('cuDNN 9')
  })

  it('looks at this machine', () => {
    assertDevice('cpu')
    expect(() => assertDevice(process.platform === 'linux' ? 'coreml' : 'cuda')).toThrow(
      'cannot be used',
    )
  })
})

describe('providerOf', () => {
  it('gives every device a provider of its own', () => {
    const names = DEVICES.map((device) => providerOf(device)).map((provider) =>
      typeof provider === 'string' ? provider : provider.name,
    )
    expect(names).toEqual(['cpu', 'cuda', 'webgpu', 'dml', 'coreml'])
    expect(providerOf('coreml')).toMatchObject({ coreMlFlags: 16 })
  })
})

describe('deviceRefused', () => {
  it('keeps what ONNX Runtime says and leaves its source positions out', () => {
    const error = deviceRefused(
      'webgpu',
      new Error(
        '/onnxruntime_src/webgpu_context.cc:136 Initialize(...)::<lambda()> adapter_result.status == Success was false. Failed to get a WebGPU adapter: No supported adapters\n',
      ),
    )
    expect(error.message).toBe(
      'The device webgpu cannot be used: Failed to get a WebGPU adapter: No supported adapters.',
    )
    expect(error.hint).toContain('Vulkan')
    expect(error.hint).toContain('--device cpu')
  })
})
