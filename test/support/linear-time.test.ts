import { expect, it } from 'vitest'
import { takesLinearTime } from './linear-time.ts'

it('accepts work that reads a text once', () => {
  const text = 'a'.repeat(100_000)
  expect(takesLinearTime(text, (piece) => void piece.replaceAll('a', 'b'))).toBe(true)
})

it('notices work that grows with the square of the text', () => {
  let pairs = 0
  const countPairs = (text: string): void => {
    for (const one of text) {
      for (let i = 0; i < text.length; i += 1) pairs += text[i] === one ? 1 : 0
    }
  }
  expect(takesLinearTime('a'.repeat(10_000), countPairs)).toBe(false)
  expect(pairs).toBeGreaterThan(10_000 ** 2)
})
