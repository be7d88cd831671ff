import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../../test/support/any-text.ts'
import { takesLinearTime } from '../../test/support/linear-time.ts'
import { cleanText, createTextCleaner } from './clean-text.ts'
import type { TextLayout } from './clean-text.ts'
import { CONTROL_TOKENS } from './control-tokens.ts'

/** Texts that are mostly tokens, halves of tokens and white space. */
const soup = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...CONTROL_TOKENS) },
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          '<',
          '>',
          '<loc_',
          '<loc_12',
          '<loc_999>',
          '</',
          '</s',
          's>',
          ' ',
          '\n',
          '\t',
          '\r\n',
          '\u00a0',
          'a',
          'bc',
          '🙂',
          '<loc_007>',
          '<loc_1000>',
        ),
      },
      { weight: 1, arbitrary: anyText(5) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))

const layout = fc.constantFrom<TextLayout>('paragraph', 'lines')

describe('cleanText', () => {
  it.each([
    ['</s><s>A green car.</s>', 'A green car.'],
    ['</s><s><s><s>A green car.</s><pad><pad>', 'A green car.'],
    ['car<loc_52><loc_332><loc_932><loc_774>', 'car'],
    ['  A   green\n\tcar \n', 'A green car'],
    ['a < b and <b>bold</b>', 'a < b and <b>bold</b>'],
    ['<loc_1000> <loc_007>', '<loc_1000> <loc_007>'],
    ['a\u001b[31mb\u0007', 'a[31mb'],
    ['</s><s></s>', ''],
    ['trailing <', 'trailing <'],
  ])('makes one paragraph of %j', (text, clean) => {
    expect(cleanText(text, 'paragraph')).toBe(clean)
  })

  it.each([
    ['ONE\nTWO', 'ONE\nTWO'],
    ['\n ONE \r\n\r\n  TWO  THREE\n', 'ONE\nTWO THREE'],
    ['ONE\u2028TWO', 'ONE\nTWO'],
  ])('keeps the lines of %j', (text, clean) => {
    expect(cleanText(text, 'lines')).toBe(clean)
  })

  it('leaves no white space at the ends or twice in a row', () => {
    fc.assert(
      fc.property(soup, layout, (text, wanted) => {
        const clean = cleanText(text, wanted)
        expect(clean).toBe(clean.trim())
        expect(clean).not.toMatch(/\s\s/)
      }),
    )
  })

  it.each([
    ['<', '<'.repeat(100_000)],
    ['<loc_', '<loc_'.repeat(20_000)],
    ['spaces', `a${' '.repeat(100_000)}`],
    ['one unfinished token', `<loc_${'1'.repeat(100_000)}`],
  ])('is quick with 100 kB of %s', (_name, text) => {
    expect(takesLinearTime(text, (piece) => void cleanText(piece, 'lines'))).toBe(true)
  })
})

describe('createTextCleaner', () => {
  it('gives the same text however the answer is cut into pieces', () => {
    fc.assert(
      fc.property(soup, layout, fc.array(fc.nat({ max: 9 })), (text, wanted, cuts) => {
        const cleaner = createTextCleaner(wanted)
        let out = ''
        let position = 0
        for (const length of cuts) {
          out += cleaner.push(text.slice(position, position + length))
          position += length
        }
        out += cleaner.push(text.slice(position))
        expect(out + cleaner.end()).toBe(cleanText(text, wanted))
      }),
      { numRuns: 500 },
    )
  })

  it('passes text on at once and holds back only what may become a token or end the answer', () => {
    const cleaner = createTextCleaner('paragraph')
    expect(cleaner.push('</s>')).toBe('')
    expect(cleaner.push('<s> A ')).toBe('A')
    expect(cleaner.push('green car </')).toBe(' green car')
    expect(cleaner.push('b')).toBe(' </b')
    expect(cleaner.push('<loc_12')).toBe('')
    expect(cleaner.push('3>.</s')).toBe('.')
    expect(cleaner.push('>')).toBe('')
    expect(cleaner.end()).toBe('')
  })
})
