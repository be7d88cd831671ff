import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../test/support/caught-error.ts'
import { PNG_BASE64 } from '../../../test/support/pictures.ts'
import { readImageText } from './image-input.ts'
import { createLongTexts } from './long-texts.ts'

/** With plus signs here and there. */
const WITH_PLUS = Buffer.from(
  Array.from({ length: 200 }, (_, i) => (i * i * 37 + 11) % 256),
).toString('base64')
const URL_OF = (base64: string): string => `data:image/png;base64,${base64}`

describe('a text that is no picture', () => {
  it.each([
    ['a data URL inside another one', URL_OF(URL_OF(PNG_BASE64)), /data URL inside another one/],
    ['an address in a data URL', URL_OF('https://example.com/a.png'), /web address/],
    ['a percent-encoded data URL', encodeURIComponent(URL_OF(PNG_BASE64)), /is percent-encoded\./],
    ['percent-encoded base64', URL_OF(encodeURIComponent(WITH_PLUS)), /percent-encoded base64/],
    ['the id of an uploaded file', 'file-abc123DEF456', /id of an uploaded file/],
    ['base64 that a form has decoded', WITH_PLUS.replaceAll('+', ' '), /blanks where base64 has/],
  ])('is recognised as %s, with the way out', async (_, text, message) => {
    const error = await caughtError(() => readImageText(text, 'image', createLongTexts()))
    expect(error).toMatchObject({ code: 'invalid_base64_image', subject: 'image' })
    expect(error.message).toMatch(message)
    expect(error.hint).toMatch(/^(?:Write|Send|Decode)/)
  })

  it.each([
    ['lines joined by blanks', PNG_BASE64.replaceAll(/.{16}/g, '$& ')],
    ['lines with breaks', PNG_BASE64.replaceAll(/.{76}/g, '$&\r\n')],
    ['plus signs', WITH_PLUS],
  ])('is not seen in %s', async (_, text) => {
    expect(await readImageText(text, 'image', createLongTexts())).toEqual(
      Buffer.from(text.replaceAll(/\s/g, ''), 'base64'),
    )
  })
})
