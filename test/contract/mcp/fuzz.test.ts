// Arguments that nobody means to send: always a result, a tool's error in FloCap's own sentences, or an
// error of the protocol; never a fault.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTestApp } from '../../support/http-app.ts'
import { answerOf, callTool, rpc, textOf, ToolList } from '../../support/mcp.ts'
import { PNG_DATA_URL } from '../../support/pictures.ts'

const RUNS = 400

const FIELDS = [
  'image',
  'images',
  'detail',
  'start_with',
  'where',
  'query',
  'outlines',
  'annotate',
  'box',
  'unit',
  'what',
  'schema',
  '__proto__',
  'constructor',
]

const value = fc.oneof(
  { weight: 3, arbitrary: fc.constant<unknown>(PNG_DATA_URL) },
  fc.constantFrom<unknown>(
    '',
    '/etc/passwd',
    'data:',
    'data:,',
    'http://169.254.169.254/',
    'x'.repeat(5000),
    '\0',
    '\uD800',
    null,
    true,
    -1,
    1e308,
    [0, 0, 1, 1],
    [5, 5, 9, 9],
    [PNG_DATA_URL],
    'name',
    'read',
    'fraction',
    'short',
  ),
  fc.jsonValue(),
  fc.record({
    type: fc.constantFrom('object', 'array', 'string', 'nonsense'),
    properties: fc.dictionary(fc.string(), fc.jsonValue()),
    required: fc.jsonValue(),
  }),
)

const args = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...FIELDS), value))

const app = createTestApp()
const names = ToolList.parse(
  (await answerOf(await app.request('http://127.0.0.1/mcp', rpc('tools/list')))).result,
).tools.map(({ name }) => name)

describe('arguments of every kind', () => {
  it.each(names)('%s', async (name) => {
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        const response = await app.request('http://127.0.0.1/mcp', callTool(name, given))
        expect(response.status).toBeLessThan(500)
        const answer = await answerOf(response)
        if (answer.error !== undefined) {
          expect(answer.error.code).not.toBe(-32_603)
          return
        }
        const text = textOf(answer)
        expect(text).not.toContain('internal_error')
        // An error has a sentence with a full stop, and its code behind it; no validator's own words.
        if (answer.result?.isError && name !== 'caption_image') {
          expect(text).toMatch(/^[A-Z][^]*[.:] ?[^]*\([a-z_]+\)$/)
          expect(text).not.toMatch(/Invalid input|ZodError|undefined|\[object/)
        }
      }),
      { numRuns: RUNS },
    )
  })
})
