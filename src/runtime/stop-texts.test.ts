import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStopFilter, cutAtStop } from './stop-texts.ts'

describe('cutAtStop', () => {
  it('cuts before whichever stop text comes first', () => {
    expect(cutAtStop('a dog. A cat', ['cat', '.'])).toBe('a dog')
  })

  it('says when there is none', () => {
    expect(cutAtStop('a dog', ['cat'])).toBeNull()
    expect(cutAtStop('a dog', [])).toBeNull()
  })
})

describe('createStopFilter', () => {
  it('waits for a longer stop text that began before the one that is complete', () => {
    const filter = createStopFilter(['b', 'cbbb'])
    expect([filter.push('cbb'), filter.push('b'), filter.end()]).toEqual(['', '', ''])
    const other = createStopFilter(['b', 'cbbb'])
    expect([other.push('cbb'), other.push('a'), other.end()]).toEqual(['', 'c', ''])
  })

  it('lets through what cutAtStop keeps, however the text is cut into pieces', () => {
    const letters = fc.constantFrom('a', 'b', 'c')
    const text = fc.string({ unit: letters, maxLength: 30 })
    const stops = fc.array(fc.string({ unit: letters, minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    })
    fc.assert(
      fc.property(fc.array(text), stops, (pieces, stopTexts) => {
        const filter = createStopFilter(stopTexts)
        const passed = pieces.map((piece) => filter.push(piece)).join('') + filter.end()
        const whole = pieces.join('')
        expect(passed).toBe(cutAtStop(whole, stopTexts) ?? whole)
      }),
    )
  })
})
