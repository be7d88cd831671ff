import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseFields, parseJson } from './json.ts'
import { createLongTexts } from './long-texts.ts'

async function parseText(text: string): Promise<unknown> {
  return parseJson(Buffer.from(text), createLongTexts())
}

describe('parseJson', () => {
  it('reads any JSON as JSON.parse does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        expect(await parseText(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('accepts a byte order mark', async () => {
    expect(await parseText('\uFEFF{"a":1}')).toEqual({ a: 1 })
  })

  it.each([
    ['an empty body', ''],
    ['a form', 'image=abc'],
    ['a multipart body', '--x\r\ncontent-disposition: form-data'],
    ['a cut body', '{"image":"SECRET'],
    ['a cut picture', `{"image":"SECRET${'A'.repeat(100_000)}`],
    ['a cut escape', `{"image":"SECRET${'A'.repeat(100_000)}\\`],
    ['blanks', '   '],
  ])('refuses %s without quoting it', async (_, text) => {
    await expect(parseText(text)).rejects.toMatchObject({
      code: 'invalid_json',
      message: expect.not.stringContaining('SECRET'),
    })
  })

  it('refuses bytes that are not UTF-8', async () => {
    const bytes = Uint8Array.of(0x22, 0xff, 0x22)
    await expect(parseJson(bytes, createLongTexts())).rejects.toThrow(/UTF-8/)
  })

  it('refuses nesting that no client sends, and brackets in strings do not count', async () => {
    await expect(parseText('['.repeat(65) + ']'.repeat(65))).rejects.toThrow(/64 levels deep/)
    expect(await parseText('['.repeat(64) + ']'.repeat(64))).toBeDefined()
    const text = JSON.stringify('[{"'.repeat(100) + '\\')
    expect(await parseText(text)).toBe(JSON.parse(text))
  })

  it('refuses more values than any client sends, before they take memory', async () => {
    await expect(parseText(`[${'{},'.repeat(10_000_000)}{}]`)).rejects.toThrow(/6000 values/)
    expect(await parseText(`[${'0,'.repeat(5_999)}0]`)).toHaveLength(6_000)
  })

  it.each([
    ['words', `"${'a b '.repeat(1_100_000)}"`],
    ['escapes', `"${'\\n'.repeat(2_200_000)}"`.replaceAll('\\n', '\\u000a').slice(0, 5_000_000)],
    ['quotes', `"${'\\"'.repeat(2_200_000)}"`],
    ['blanks', ' '.repeat(4_300_000)],
    ['strings', `["${`${'A'.repeat(4_000)} ","`.repeat(1_100)}"]`],
  ])('refuses more text than any client sends: %s', async (_, text) => {
    await expect(parseText(text)).rejects.toMatchObject({ code: 'body_too_large' })
  })
})

/** With everything filled in. */
async function parseWhole(text: string): Promise<unknown> {
  const longTexts = createLongTexts()
  return JSON.parse(
    JSON.stringify(await parseJson(Buffer.from(text), longTexts)),
    (_, value: unknown) =>
      typeof value === 'string' ? [...longTexts.pieces(value)].join('') : value,
  ) as unknown
}

describe('long base64 inside of JSON', () => {
  it('comes back as it was, wherever it stands and however it is escaped', async () => {
    const digits = fc.stringMatching(/^[A-Za-z0-9+/_=-]{0,40}$/)
    const run = fc
      .tuple(digits, fc.constantFrom('', '\\n', '\\r\\n', '\\/', '\\t'), fc.nat({ max: 3_000 }))
      .map(([some, escape, count]) => `${some}${escape}`.repeat(count))
    const piece = fc.oneof(
      run,
      fc.json().map((text) => JSON.stringify(text).slice(1, -1)),
    )
    const text = fc
      .array(fc.array(piece, { maxLength: 4 }), { maxLength: 4 })
      .map((strings) => `[${strings.map((pieces) => `{"a b":"${pieces.join('')}"}`).join(', ')}]`)
    await fc.assert(
      fc.asyncProperty(text, async (json) => {
        expect(await parseWhole(json)).toEqual(JSON.parse(json))
      }),
      { numRuns: 60 },
    )
  })

  it('leaves its beginning, which tells what it is of', async () => {
    const text = JSON.stringify(`see iVBORw0KGgo${'A'.repeat(10_000)}== here`)
    const short = await parseText(text)
    expect(short).toMatch(/^see iVBORw0KGgoAAAAA\w{64,}(?:==)? here$/)
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
        message: 'Expected a list of texts or objects for list, got "x".',
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
      'Expected a text or an object for list[0], got true.',
    )
  })

  it('says so when the body itself has the wrong type', () => {
    expect(() => parseFields(Schema, [])).toThrow('Expected an object as the request, got [].')
  })
})
