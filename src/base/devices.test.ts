import { describe, expect, it } from 'vitest'
import { devicesOf } from './devices.ts'

describe('devicesOf', () => {
  it('knows what the npm package of ONNX Runtime brings for each system', () => {
    expect(devicesOf('linux', 'x64')).toEqual(['cpu', 'cuda', 'webgpu'])
    expect(devicesOf('darwin', 'arm64')).toContain('coreml')
    expect(devicesOf('win32', 'arm64')).toContain('directml')
  })

  it('computes on the processor everywhere', () => {
    expect(devicesOf('linux', 'arm64')).toEqual(['cpu'])
    expect(devicesOf('freebsd', 'x64')).toEqual(['cpu'])
    expect(devicesOf()).toContain('cpu')
  })
})
