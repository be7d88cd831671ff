import { expect, it } from 'vitest'
import type { VisionRequest } from '../caption/ports.ts'
import { createEncodedPictures, pictureKey } from './encoded-pictures.ts'
import { floats } from './session.ts'

const request: VisionRequest = {
  picture: Uint8Array.of(1, 2, 3),
  applyOrientation: true,
  queries: [],
}

it('tells apart whatever makes another picture for the model', () => {
  const keys = [
    request,
    { ...request, picture: Uint8Array.of(1, 2, 4) },
    { ...request, applyOrientation: false },
    { ...request, background: 'white' as const },
    { ...request, background: '#ff8800' as const },
  ].map((each) => pictureKey(each))
  expect(new Set(keys).size).toBe(keys.length)
})

it('knows that a background left out is the reference', () => {
  expect(pictureKey(request)).toBe(pictureKey({ ...request, background: 'reference' }))
})

it('forgets the oldest where only few may be remembered', () => {
  const features = floats(new Float32Array(100), [1, 10, 10])
  const few = createEncodedPictures(2 * features.size * Float32Array.BYTES_PER_ELEMENT)
  for (const key of ['a', 'b', 'c']) few.set(key, { features, size: { width: 1, height: 1 } })
  expect(['a', 'b', 'c'].filter((key) => few.get(key) !== undefined)).toEqual(['b', 'c'])
})
