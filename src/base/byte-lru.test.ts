import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteLru } from './byte-lru.ts'

describe('createByteLru', () => {
  it('forgets what was not used for longest when it grows too large', () => {
    const map = createByteLru<string>(30, (_key, value) => value.length)
    map.set('a', 'x'.repeat(10))
    map.set('b', 'x'.repeat(10))
    map.set('c', 'x'.repeat(10))
    map.get('a')
    map.set('d', 'x'.repeat(15))
    expect(['a', 'b', 'c', 'd'].filter((key) => map.get(key) !== undefined)).toEqual(['a', 'd'])
    expect(map).toMatchObject({ size: 2, bytes: 25 })
  })

  it('does not keep an entry that is larger than itself, nor the one it replaces', () => {
    const map = createByteLru<string>(5, (_key, value) => value.length)
    map.set('a', 'x')
    map.set('a', 'x'.repeat(6))
    expect(map.get('a')).toBeUndefined()
    expect(map).toMatchObject({ size: 0, bytes: 0 })
  })

  it('never exceeds its bytes and always counts them right', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), size: fc.nat({ max: 12 }) })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const map = createByteLru<number>(20, (_key, value) => value)
        for (const { key, size } of steps) {
          map.set(key, size)
          const kept = ['a', 'b', 'c', 'd'].map((each) => map.get(each) ?? 0)
          expect(map.bytes).toBe(kept.reduce((sum, value) => sum + value, 0))
          expect(map.bytes).toBeLessThanOrEqual(20)
          expect(map.get(key)).toBe(size)
        }
      }),
    )
  })
})
