import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../../test/support/any-text.ts'
import { toPrintable, toPrintableJson, toPrintableLines } from './printable.ts'

// What must not come out.
const HARMFUL = /[\p{Cc}\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\u2028\u2029]/u

describe('toPrintable', () => {
  it.each([
    ['\u001B[2J\u001B]0;owned\u0007.jpg', '\\x1b[2J\\x1b]0;owned\\x07.jpg'],
    ['\u009B31mred', '\\x9b31mred'],
    ['photo\u202Egpj.exe', 'photo\\u202egpj.exe'],
    ['two\r\nlines', 'two\\x0d\\x0alines'],
    ['a\uFEFFb\u200Bc', 'a\\ufeffb\\u200bc'],
    ['hidden\u{E0041}', 'hidden\\u{e0041}'],
    ['half \uD83D', 'half \\ud83d'],
  ])('writes %j as its escapes', (text, expected) => {
    expect(toPrintable(text)).toBe(expected)
  })

  it.each([
    'Ferien am Meer – Ærø.jpg',
    '写真.png',
    'صورة.webp',
    'a b_c-d(1).jpg',
    '👩‍👩‍👧.png'.normalize(),
  ])('leaves %s as it reads', (name) => {
    // The joiner of an emoji is invisible too, and shown.
    expect(toPrintable(name).replaceAll('\\u200d', '\u200D')).toBe(name)
  })

  it('lets nothing through that a terminal acts on, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(anyText(40), fc.string({ unit: 'binary' })), (text) => {
        expect(toPrintable(text)).not.toMatch(HARMFUL)
        expect(toPrintableLines(text).replaceAll(/[\n\t]/g, '')).not.toMatch(HARMFUL)
      }),
    )
  })

  it('cuts what would fill the screen', () => {
    expect(toPrintable('x'.repeat(1e6)).length).toBeLessThan(3_000)
  })
})

describe('toPrintableLines', () => {
  it('keeps the lines of a text', () => {
    expect(toPrintableLines('a\n\tb\u001B[1m')).toBe('a\n\tb\\x1b[1m')
  })
})

describe('toPrintableJson', () => {
  it('says the same with nothing in it that a terminal acts on', () => {
    fc.assert(
      fc.property(anyText(40), (text) => {
        const line = toPrintableJson(JSON.stringify({ text }))
        expect(line).not.toMatch(HARMFUL)
        expect(JSON.parse(line)).toEqual({ text })
      }),
    )
    expect(toPrintableJson('{"a":"\u{E0041}"}\n')).toBe('{"a":"\\udb40\\udc41"}\n')
  })
})
