import { describe, expect, it } from 'vitest'
import { textPlaces } from './text-places.ts'

const place = (quad: readonly number[], label = 'STOP') =>
  textPlaces([{ label, outlines: [quad], form: 'frame' }])[0]

describe('where read text is written over its picture', () => {
  it('is along its base line, a little above the lower edge', () => {
    expect(place([10, 10, 50, 10, 50, 30, 10, 30])).toEqual({
      text: 'STOP',
      x: 10,
      y: 26,
      length: 40,
      height: 20,
      angle: 0,
    })
  })

  it('turns with it', () => {
    expect(place([30, 10, 30, 50, 10, 50, 10, 10])?.angle).toBe(90)
  })

  it('is nowhere for what has no corners or no extent', () => {
    expect(place([1, 1, 1, 1, 1, 1, 1, 1])).toBeUndefined()
    expect(place([1, 2])).toBeUndefined()
  })
})
