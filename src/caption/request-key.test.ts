import { describe, expect, it } from 'vitest'
import type { CaptionRequest } from './captioner.ts'
import type { ModelDescription } from './ports.ts'
import { createRequestKey } from './request-key.ts'

const model: ModelDescription = {
  id: 'florence-2-base',
  demo: false,
  imageSize: 768,
  precision: 'fp32',
  fingerprint: 'a'.repeat(64),
  kernels: 'cpu-avx2',
  parameters: 1,
  createdAt: 1,
}

const request: CaptionRequest = {
  picture: new Uint8Array([1, 2, 3]),
  task: 'open_vocabulary_detection',
  input: 'a car',
  generation: { numBeams: 3, maxNewTokens: 20, sampling: { temperature: 1, topP: 1, seed: 1 } },
}

function keyOf(change: Partial<CaptionRequest> = {}, of: Partial<ModelDescription> = {}): string {
  const changed = { ...request, ...change }
  return createRequestKey({ ...model, ...of }, changed, changed)
}

describe('createRequestKey', () => {
  it('is the same for the same question, however it is written', () => {
    const key = keyOf()
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(keyOf({ picture: new Uint8Array([1, 2, 3]) })).toBe(key)
    expect(keyOf({ applyOrientation: true })).toBe(key)
    expect(
      keyOf({
        generation: {
          sampling: { seed: 1, topP: 1, temperature: 1 },
          maxNewTokens: 20,
          numBeams: 3,
        },
      }),
    ).toBe(key)
  })

  it('is the same on another machine, which compiled the model at another time', () => {
    expect(keyOf({}, { createdAt: 2, id: 'my-folder' })).toBe(keyOf())
  })

  it('differs when anything that the answer depends on differs', () => {
    const keys = [
      keyOf(),
      keyOf({ picture: new Uint8Array([1, 2, 4]) }),
      keyOf({ applyOrientation: false }),
      keyOf({ background: 'black' }),
      keyOf({ background: '#ff8800' }),
      keyOf({ task: 'referring_expression_segmentation' }),
      keyOf({ input: 'a bus' }),
      keyOf({ region: { unit: 'pixel', box: [1, 2, 3, 4] } }),
      keyOf({ region: { unit: 'bin', box: [1, 2, 3, 4] } }),
      keyOf({ generation: { numBeams: 3 } }),
      keyOf({ generation: { numBeams: 3, sampling: { temperature: 1, topP: 1, seed: 2 } } }),
      keyOf({}, { fingerprint: 'b'.repeat(64) }),
      keyOf({}, { kernels: 'cpu-avx512-vnni' }),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})
