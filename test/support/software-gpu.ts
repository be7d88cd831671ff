// A graphics card made of software, so that graphs for graphics cards can be run where there is none:
// SwiftShader, the Vulkan driver that comes with Chromium.
//
// It is a few hundred times slower than a card. What it shows is that a provider has a kernel for
// each operator, and what those kernels answer.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian's packages `chromium` and `libvulkan1` put them. */
const DRIVER = '/usr/lib/chromium/libvk_swiftshader.so'
const LOADERS = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/lib/x86_64-linux-gnu/libvulkan.so.1']

/** Why there is none here; undefined when there is one. */
export const noSoftwareGpu: string | undefined =
  process.platform !== 'linux' || process.arch !== 'x64'
    ? 'ONNX Runtime has WebGPU and the driver is looked for on Linux x64 only'
    : !existsSync(DRIVER)
      ? `there is no ${DRIVER} (Debian package chromium)`
      : LOADERS.some((path) => existsSync(path))
        ? undefined
        : 'there is no libvulkan.so.1 (Debian package libvulkan1)'

/**
 * The environment of a process that is to have this card and no other.
 *
 * @param folder gets the file that names the driver, since Chromium's own names it relative to itself.
 */
export function softwareGpuEnvironment(folder: string): Readonly<Record<string, string>> {
  const file = join(folder, 'swiftshader.json')
  const driver = { library_path: DRIVER, api_version: '1.1.0' }
  writeFileSync(file, JSON.stringify({ file_format_version: '1.0.0', ICD: driver }))
  return { VK_DRIVER_FILES: file }
}
