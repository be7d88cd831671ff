import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseForm } from './form.ts'

async function encode(form: FormData): Promise<{ bytes: Uint8Array; type: string }> {
  const response = new Response(form)
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    type: response.headers.get('content-type') ?? '',
  }
}

function read(text: string): Promise<unknown> {
  return parseForm(Buffer.from(text, 'latin1'), 'multipart/form-data; boundary=x')
}

const FIELD = 'Content-Disposition: form-data; name="a"\r\n\r\n'
const part = (header: string, content = '') => `--x\r\n${header}\r\n\r\n${content}\r\n`

describe('parseForm', () => {
  it('reads what browsers write', async () => {
    const text = fc.string({ maxLength: 20 })
    const entry = fc.record({
      name: text,
      value: fc.oneof(text, fc.uint8Array({ maxLength: 300 })),
      fileName: fc.stringMatching(/^[a-z"%é. ]{1,20}$/),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 5 }), async (entries) => {
        const data = new FormData()
        for (const { name, value, fileName } of entries) {
          if (typeof value === 'string') data.append(name, value)
          else data.append(name, new Blob([Uint8Array.from(value)]), fileName)
        }
        const { bytes, type } = await encode(data)
        const parts = await parseForm(bytes, type)
        const expected = []
        // As the platform's own parser has them: line breaks of values are normalised.
        for (const [name, value] of await new Response(bytes, {
          headers: { 'content-type': type },
        }).formData()) {
          const content = typeof value === 'string' ? value : await value.text()
          expected.push({
            name,
            content,
            fileName: typeof value === 'string' ? undefined : value.name,
          })
        }
        expect(
          parts.map(({ name, fileName, bytes: content }) => ({
            name,
            content: Buffer.from(content).toString('utf8'),
            fileName,
          })),
        ).toEqual(expected)
      }),
    )
  })

  it.each([
    [
      'a preamble',
      `hello\r\n${part('Content-Disposition: form-data; name=a', 'b')}--x--`,
      'a',
      'b',
    ],
    ['blanks behind a boundary', `--x \t\r\n${FIELD}b\r\n--x--\r\n`, 'a', 'b'],
    ['an epilogue', `${part('content-disposition:form-data;name="a"', 'b')}--x--\r\nbye`, 'a', 'b'],
    [
      'a value that looks like a boundary',
      `${part(FIELD.trim(), '\r\n--y\r\n--')}--x--`,
      'a',
      '\r\n--y\r\n--',
    ],
    ['an empty part', `--x\r\n${FIELD}\r\n--x--`, 'a', ''],
  ])('takes %s', async (_, text, name, content) => {
    const parts = await parseForm(
      Buffer.from(text),
      'Multipart/Form-Data; charset=utf-8; boundary="x"',
    )
    expect(parts.map((each) => [each.name, Buffer.from(each.bytes).toString()])).toEqual([
      [name, content],
    ])
  })

  it('reads file names of other alphabets', async () => {
    const header = `Content-Disposition: form-data; name="f"; filename*=UTF-8''caf%C3%A9.png`
    expect(await read(`${part(header)}--x--`)).toMatchObject([{ fileName: 'café.png' }])
  })

  it.each([
    ['nothing', ''],
    ['a body without its boundary', 'a=b'],
    ['a form that breaks off', part('Content-Disposition: form-data; name="a"', 'b')],
    ['a part without a header', '--x\r\n\r\nb\r\n--x--'],
    ['a part without a name', `${part('Content-Disposition: form-data')}--x--`],
    ['a part of another kind', `${part('Content-Disposition: attachment; name="a"')}--x--`],
    [
      'a part in another encoding',
      `${part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64', 'eA==')}--x--`,
    ],
    ['a header that breaks off', '--x\r\nContent-Disposition: form-data; name="a"'],
    ['something behind a boundary', `--xy\r\n${FIELD}\r\n--x--`],
    ['a long preamble', `${'y'.repeat(100_000)}--x--`],
    [
      '400,000 empty parts',
      `${part('Content-Disposition: form-data; name="a"').repeat(400_000)}--x--`,
    ],
    ['a million part headers', `--x\r\n${'A: b\r\n'.repeat(1_000_000)}`],
    [
      'a part name of 10 MB',
      `--x\r\nContent-Disposition: form-data; name="${'a'.repeat(1e7)}"\r\n\r\n\r\n--x--`,
    ],
    [
      'a name of 2 kB',
      `${part(`Content-Disposition: form-data; name="${'a'.repeat(2_000)}"`)}--x--`,
    ],
    ['a quote without end', `${part('Content-Disposition: form-data; name="a')}--x--`],
    ['beginnings of boundaries', '\r\n-'.repeat(3_000_000)],
  ])('refuses %s', async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'invalid_request' })
  })

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary="a\u0000"',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
  ])('refuses the content type %j', async (type) => {
    await expect(parseForm(Buffer.from('--x--'), type)).rejects.toThrow(/names no boundary/)
  })
})
