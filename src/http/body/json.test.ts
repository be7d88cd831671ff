import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseFields, parseJson } from './json.ts'

function parseText(text: string): unknown {
  return parseJson(Buffer.from(text))
}

describe('parseJson', () => {
  it('reads any JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseText(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('accepts a byte order mark', () => {
    expect(parseText('\uFEFF{"a":1}')).toEqual({ a: 1 })
  })

  it.each([
    ['an empty body', ''],
    ['a form', 'image=abc'],
    ['a multipart body', '--x\r\ncontent-disposition: form-data'],
    ['a cut body', '{"image":"SECRET'],
    ['blanks', '   '],
  ])('refuses %s without quoting it', (_, text) => {
    expect(() => parseText(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_json',
        message: expect.not.stringContaining('SECRET'),
      }),
    )
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(/UTF-8/)
  })

  it('refuses nesting that no client sends, and brackets in strings do not count', () => {
    expect(() => parseText('['.repeat(65) + ']'.repeat(65))).toThrow(/nested deeper than 64/)
    expect(parseText('['.repeat(64) + ']'.repeat(64))).toBeDefined()
    const text = JSON.stringify('[{"'.repeat(100) + '\\')
    expect(parseText(text)).toBe(JSON.parse(text))
  })

  it('refuses more values than any client sends, before they take memory', () => {
    const started = performance.now()
    expect(() => parseText(`[${'{},'.repeat(10_000_000)}{}]`)).toThrow(/more than 50000 values/)
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(parseText(`[${'0,'.repeat(49_999)}0]`)).toHaveLength(50_000)
  })

  it('takes time in proportion to the text, also for backslashes and quotes', () => {
    const started = performance.now()
    for (const text of [
      `"${'\\\\'.repeat(2e6)}"`,
      `"${'\\"'.repeat(2e6)}"`,
      `"${'a'.repeat(2e7)}"`,
    ]) {
      expect(parseText(text)).toBeTypeOf('string')
    }
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('parseFields', () => {
  const Schema = z.object({
    list: z.array(z.union([z.string(), z.object({ url: z.string() })])),
  })

  it('names the field, what it must be and what came', () => {
    expect(() => parseFields(Schema, { list: 'x' })).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        subject: 'list',
        message: "Field 'list': Invalid input: expected array, received string.",
      }),
    )
  })

  it('names the deepest field of a union that nearly matched', () => {
    expect(() => parseFields(Schema, { list: ['a', { url: 1 }] })).toThrow(
      expect.objectContaining({ subject: 'list[1].url' }),
    )
  })

  it('names every type that a field may have', () => {
    expect(() => parseFields(Schema, { list: [true] })).toThrow(
      "Field 'list[0]': Invalid input: expected string or object, received boolean.",
    )
  })

  it('says so when the body itself has the wrong type', () => {
    expect(() => parseFields(Schema, [])).toThrow(/The request: .*expected object/)
  })
})
