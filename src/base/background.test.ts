import { describe, expect, it } from 'vitest'
import { parseBackground } from './background.ts'

describe('parseBackground', () => {
  it.each([
    ['white', 'white'],
    [' Checker ', 'checker'],
    ['reference', 'reference'],
    ['#FF8800', '#ff8800'],
    ['#f80', '#ff8800'],
  ])('reads %s', (text, background) => {
    expect(parseBackground(text)).toBe(background)
  })

  it.each(['', 'red', '#ff88', '#ff880', 'ff8800', '#ggg', 'white;'])('refuses %j', (text) => {
    expect(() => parseBackground(text)).toThrow('or a colour such as #ff8800')
  })
})
