import { expect, it } from 'vitest'
import type { VisionRequest } from '../caption/ports.ts'
import { pictureKey } from './encoded-pictures.ts'

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
