// Schemas that nobody wrote, in every dialect that has a place for one: the answer fits, or the request is
// refused with the dialect's own error, and never with a 5xx.
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createTestApp, post } from '../support/http-app.ts'
import { PNG_BASE64, PNG_DATA_URL } from '../support/pictures.ts'
import { createRecordedCaptioner } from '../support/recorded-answers.ts'
import { brokenSchema, satisfiableSchema } from '../support/schema-arbitraries.ts'

const RUNS = 2_000
/** Most schemas are compiled twice, which takes minutes on a busy machine. */
const TIMEOUT_MS = 300_000

interface Dialect {
  readonly path: string
  readonly body: (schema: unknown) => object
  /** Finds the JSON in the answer. */
  readonly answer: z.ZodType<string>
}

const content = [
  { type: 'text', text: 'x' },
  { type: 'image_url', image_url: { url: PNG_DATA_URL } },
]
const chat = { messages: [{ role: 'user', content }] }
const tool = (parameters: unknown) => ({ type: 'function', function: { name: 'f', parameters } })

const chatContent = z
  .object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) })
  .transform(({ choices }) => choices[0].message.content)
const chatCall = z
  .object({
    choices: z.tuple([
      z.object({
        message: z.object({
          tool_calls: z.tuple([z.object({ function: z.object({ arguments: z.string() }) })]),
        }),
      }),
    ]),
  })
  .transform(({ choices }) => choices[0].message.tool_calls[0].function.arguments)

const DIALECTS: Readonly<Record<string, Dialect>> = {
  'OpenAI, response_format': {
    path: '/v1/chat/completions',
    body: (schema) => ({
      ...chat,
      response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } },
    }),
    answer: chatContent,
  },
  'llama.cpp, flat': {
    path: '/v1/chat/completions',
    body: (schema) => ({ ...chat, response_format: { type: 'json_object', schema } }),
    answer: chatContent,
  },
  'OpenAI, tool': {
    path: '/v1/chat/completions',
    body: (schema) => ({ ...chat, tools: [tool(schema)], tool_choice: 'required' }),
    answer: chatCall,
  },
  'OpenAI Responses': {
    path: '/v1/responses',
    body: (schema) => ({
      input: [{ role: 'user', content: [{ type: 'input_image', image_url: PNG_DATA_URL }] }],
      text: { format: { type: 'json_schema', name: 'x', schema } },
    }),
    answer: z
      .object({
        output: z.tuple([z.object({ content: z.tuple([z.object({ text: z.string() })]) })]),
      })
      .transform(({ output }) => output[0].content[0].text),
  },
  'Ollama, format': {
    path: '/api/chat',
    body: (format) => ({
      stream: false,
      messages: [{ role: 'user', content: 'x', images: [PNG_BASE64] }],
      format,
    }),
    answer: z
      .object({ message: z.object({ content: z.string() }) })
      .transform(({ message }) => message.content),
  },
  'Anthropic, tool': {
    path: '/v1/messages',
    body: (input_schema) => ({
      max_tokens: 100,
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'image',
              source: { type: 'base64', media_type: 'image/png', data: PNG_BASE64 },
            },
          ],
        },
      ],
      tools: [{ name: 'f', input_schema }],
      tool_choice: { type: 'any' },
    }),
    answer: z
      .object({ content: z.tuple([z.object({ input: z.unknown() })]) })
      .transform((answer) => JSON.stringify(answer.content[0].input)),
  },
}

/** By the schema as it was sent. */
function fits(schema: unknown, json: string): boolean {
  if (typeof schema !== 'object' || schema === null) return true
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    formats: fullFormats,
    ownProperties: true,
  })
  return ajv.validate(schema, JSON.parse(json))
}

interface Sent {
  readonly schema: unknown
  /** Whether some answer fits, where that is known. */
  readonly canFit?: boolean
}

const sent: fc.Arbitrary<Sent> = fc.oneof(
  {
    weight: 5,
    arbitrary: satisfiableSchema
      // Arguments, and most clients' roots, are objects.
      .map((value) => ({
        schema: { type: 'object', properties: { value }, required: ['value'] },
      }))
      .filter(({ schema }) => !JSON.stringify(schema).includes('$ref'))
      .map((each): Sent => ({ ...each, canFit: true })),
  },
  {
    weight: 3,
    arbitrary: brokenSchema.map(({ schema }): Sent => ({ schema, canFit: false })),
  },
  { weight: 2, arbitrary: fc.jsonValue().map((schema): Sent => ({ schema })) },
)

it(
  `answers ${RUNS} of them by what they ask for, or refuses`,
  async () => {
    const app = createTestApp({ captioner: createRecordedCaptioner() })
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(
        sent,
        fc.constantFrom(...Object.keys(DIALECTS)),
        async ({ schema, canFit }, name) => {
          const { path, body, answer } = DIALECTS[name]!
          const response = await app.request(path, post(body(schema)))
          const text = await response.text()
          statuses.add(response.status)
          expect([200, 400], text).toContain(response.status)
          if (canFit !== undefined) expect(response.status === 200, text).toBe(canFit)
          if (response.status !== 200) expect(text).toMatch(/Expected|'/)
          else if (canFit === true) {
            const { data } = answer.safeParse(JSON.parse(text))
            expect(data, text).toBeDefined()
            expect(fits(schema, data ?? ''), `${data} for ${JSON.stringify(schema)}`).toBe(true)
          }
        },
      ),
      { numRuns: RUNS },
    )
    expect(statuses).toEqual(new Set([200, 400]))
  },
  TIMEOUT_MS,
)
