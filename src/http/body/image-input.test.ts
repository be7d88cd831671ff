import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestHold } from '../../../test/support/longest-hold.ts'
import { readImageText } from './image-input.ts'
import { createLongTexts } from './long-texts.ts'

async function read(text: string): Promise<Buffer> {
  return Buffer.from(await readImageText(text, 'image', createLongTexts()))
}

const BYTES = Buffer.from([0xff, 0xd8, 0xff, 0xfb, 0xef, 0xbe, 1])
const BASE64 = BYTES.toString('base64')

const MB = 1024 * 1024
/** Blocks of 256 KB take a few; a busy machine stretches them. */
const MAX_HOLD_MS = 50

describe('readImageText', () => {
  it.each([
    ['line breaks alone', '\r\n', false],
    ['escaped line breaks', '\\n', true],
    ['escaped slashes', '\\/', true],
  ])('lets others have their turn between pieces of %s', async (_, unit, escapes) => {
    const longTexts = createLongTexts()
    const text = longTexts.keep(Buffer.alloc(16 * MB, unit), escapes)
    const hold = await longestHold(async () => {
      await readImageText(text, 'image', longTexts).catch(() => undefined)
    })
    expect(hold).toBeLessThan(MAX_HOLD_MS)
  })

  it('looks for mistakes at the beginning of a long text only', async () => {
    const text = 'a '.repeat(MB)
    const hold = await longestHold(async () => {
      await readImageText(text, 'image', createLongTexts()).catch(() => undefined)
    })
    expect(hold).toBeLessThan(MAX_HOLD_MS)
  })

  it.each([
    ['bare base64', BASE64],
    ['base64 without padding', BASE64.replace(/=+$/, '')],
    ['base64 broken into lines', `${BASE64.slice(0, 4)}\r\n${BASE64.slice(4)}\n`],
    ['the URL-safe alphabet', BYTES.toString('base64url')],
    ['a data URL', `data:image/jpeg;base64,${BASE64}`],
    ['a data URL in upper case', `DATA:IMAGE/JPEG;BASE64,${BASE64}`],
    ['a data URL with a type that is not one', `data:image/jpg;base64,${BASE64}`],
    ['a data URL without a type', `data:;base64,${BASE64}`],
    ['a data URL with parameters', `data:image/jpeg;charset=utf-8;name=a.jpg;base64,${BASE64}`],
    ['a data URL of the wrong type', `data:application/octet-stream;base64,${BASE64}`],
    ['blanks around a data URL', `  data:image/png;base64, ${BASE64}\n`],
  ])('reads %s', async (_, text) => {
    expect(await read(text)).toEqual(BYTES)
  })

  it('reads every byte string, with either alphabet, with or without padding and line breaks', async () => {
    const encoding = fc.constantFrom('base64' as const, 'base64url' as const)
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        encoding,
        fc.boolean(),
        fc.nat({ max: 20 }),
        async (bytes, alphabet, padded, lineLength) => {
          let text = Buffer.from(bytes).toString(alphabet)
          if (!padded) text = text.replace(/=+$/, '')
          if (lineLength > 0) text = text.replace(new RegExp(`.{${lineLength}}`, 'g'), '$&\r\n')
          expect(await read(text)).toEqual(Buffer.from(bytes))
        },
      ),
    )
  })

  it.each([
    ['a whole data URL inside a data URL', 'data:image/png;base64,data:image/png;base64,AAAA'],
    ['an HTML page', '<html></html>'],
    ['padding in the middle', 'AA==AAAA'],
    ['one digit too many', 'AAAAA'],
    ['three padding signs', 'A==='],
    ['only padding', '===='],
    ['a data URL that is not base64', 'data:image/svg+xml,%3Csvg%3E'],
    ['accents', 'café'],
  ])('refuses %s', async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'invalid_base64_image',
      subject: 'image',
    })
  })

  it.each(['', '  \n', 'data:image/png;base64,', 'data:;base64,  '])(
    'calls %j an empty image',
    async (text) => {
      await expect(read(text)).rejects.toMatchObject({ code: 'empty_image_file' })
    },
  )

  it.each([
    'http://example.com/a.png',
    'HTTPS://example.com/a.png',
    'file:///etc/passwd',
    'ftp://example.com/a.png',
    'blob:null/1',
    'data:image/png',
  ])('refuses the address %s and says what to send instead', async (url) => {
    await expect(read(url)).rejects.toMatchObject({
      code: 'invalid_image_url',
      hint: expect.stringContaining('data:image/jpeg;base64,'),
    })
  })

  it('never repeats the picture or the address in a message', async () => {
    const secret = 'SECRETSECRET'
    for (const text of [`${secret}!`, `http://x/${secret}`, `data:x,${secret}`]) {
      await expect(read(text)).rejects.toMatchObject({
        message: expect.not.stringContaining(secret),
      })
    }
  })

  it('takes time in proportion to the text, also for hostile text', async () => {
    // Work that grew with its square would not end within the limit of a test.
    for (const text of [
      '='.repeat(4e6),
      `${'='.repeat(4e6)}x=`,
      ' '.repeat(4e6),
      ':'.repeat(4e6),
    ]) {
      await expect(read(text)).rejects.toThrow(/image/)
    }
  })
})
