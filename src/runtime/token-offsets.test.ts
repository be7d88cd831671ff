import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { locateTokens } from './token-offsets.ts'
import { openTokenizer, type Tokenizer } from './tokenizer/tokenizer.ts'

const DEMO = fileURLToPath(new URL('../../models/flocap-demo', import.meta.url))
const FILES = { tokenizer: 'tokenizer.json', tokenizerConfig: 'tokenizer_config.json' }

let tokenizer: Tokenizer

beforeAll(async () => {
  tokenizer = await openTokenizer(DEMO, FILES)
})

function encode(label: string): number[] {
  return tokenizer.encodeText(label)
}

function location(bin: number): number {
  const [, id = -1] = tokenizer.encodePrompt([{ kind: 'token', token: `<loc_${bin}>` }])
  return id
}

function locate(tokens: readonly number[], cut?: (text: string) => string): number[] {
  const whole = tokenizer.decode(tokens)
  return locateTokens(tokens, cut?.(whole) ?? whole, (token) => tokenizer.decode([token]))
}

describe('locateTokens', () => {
  it('finds control tokens where they stand, and plain ones at the start of their stretch', () => {
    const car = encode("café 🦉, isn n't it ?")
    const tokens = [0, ...car, location(12), location(3), ...encode('cat'), location(12), 2]
    const text = tokenizer.decode(tokens)
    const places = locate(tokens)
    expect(places[0]).toBe(0)
    expect(new Set(places.slice(1, 1 + car.length))).toEqual(new Set([3]))
    const first = 1 + car.length
    expect(places[first]).toBe(text.indexOf('<loc_12>'))
    expect(places[first + 1]).toBe(text.indexOf('<loc_3>'))
    expect(places[first + 2]).toBe(text.indexOf('<loc_3>') + '<loc_3>'.length)
    expect(places.at(-2)).toBe(text.lastIndexOf('<loc_12>'))
    expect(places.at(-1)).toBe(text.length - '</s>'.length)
  })

  it('puts tokens behind a cut at the end of the text', () => {
    const tokens = [0, ...encode('cat'), location(12), location(3), 2]
    const places = locate(tokens, (text) => text.slice(0, text.indexOf('<loc_12>')))
    expect(places.slice(-3)).toEqual([6, 6, 6])
  })
})
