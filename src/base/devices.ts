// What a model can be computed on, by the names that settings use.

export const DEVICES = ['cpu', 'cuda', 'webgpu', 'directml', 'coreml'] as const

export type Device = (typeof DEVICES)[number]

/** `linux-x64` and the like, as `process.platform` and `process.arch` say it. */
const DEVICES_OF: Readonly<Record<string, readonly Device[]>> = {
  'linux-x64': ['cpu', 'cuda', 'webgpu'],
  'win32-x64': ['cpu', 'directml', 'webgpu'],
  'win32-arm64': ['cpu', 'directml', 'webgpu'],
  'darwin-arm64': ['cpu', 'coreml', 'webgpu'],
}

/**
 * The devices for which ONNX Runtime's npm package has a provider on a system. Whether there is such
 * a device, with its driver, is another question.
 */
export function devicesOf(
  platform: string = process.platform,
  architecture: string = process.arch,
): readonly Device[] {
  return DEVICES_OF[`${platform}-${architecture}`] ?? ['cpu']
}
