import { describe, expect, it } from 'vitest'
import { FlocapError } from '../../base/errors.ts'
import { judgeDevice } from './self-test.ts'

const CPU = { text: 'a dog', expected: 'a dog', ms: 300.4 }
const ABSENT = new FlocapError('device_unavailable', 'The device cuda cannot be used: no driver.', {
  hint: 'Install it.',
})

describe('judgeDevice', () => {
  it('compares a device that works with the CPU', () => {
    expect(judgeDevice('webgpu', { ...CPU, ms: 80 }, CPU, false)).toEqual({
      name: 'webgpu',
      status: 'ok',
      detail: 'answers as the reference, in 80 ms (CPU: 300 ms)',
    })
  })

  it('finds fault with an absent device only where it was chosen', () => {
    expect(judgeDevice('cuda', ABSENT, CPU, false)).toMatchObject({ status: 'absent' })
    expect(judgeDevice('cuda', ABSENT, CPU, false).detail).toContain('The device cuda cannot')
    expect(judgeDevice('cuda', ABSENT, CPU, true)).toMatchObject({
      status: 'problem',
      cure: 'Install it.',
    })
  })

  it('warns of a device that answers otherwise', () => {
    const wrong = { ...CPU, text: 'a cat' }
    expect(judgeDevice('webgpu', wrong, CPU, false)).toMatchObject({ status: 'warning' })
    expect(judgeDevice('webgpu', wrong, CPU, true).detail).toBe('“a cat” instead of “a dog”')
  })
})
