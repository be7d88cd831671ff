// Every field of every dialect's requests, given what it cannot be: one form of sentence.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FlocapError } from '../../src/base/errors.ts'
import { parseFields } from '../../src/http/body/json.ts'
import * as a1111 from '../../src/http/surfaces/a1111/schema.ts'
import * as anthropic from '../../src/http/surfaces/anthropic/schema.ts'
import * as extras from '../../src/http/surfaces/extras/schema.ts'
import * as kobold from '../../src/http/surfaces/kobold/schema.ts'
import * as llamacpp from '../../src/http/surfaces/llamacpp/schema.ts'
import * as native from '../../src/http/surfaces/native/schema.ts'
import * as ollama from '../../src/http/surfaces/ollama/schema.ts'
import * as responses from '../../src/http/surfaces/openai/responses-schema.ts'
import * as openai from '../../src/http/surfaces/openai/schema.ts'

/** Each with what it cannot do without. */
const REQUESTS: readonly (readonly [string, z.ZodType, object])[] = [
  ['OpenAI chat', openai.ChatRequest, { messages: [] }],
  ['OpenAI Responses', responses.ResponsesRequest, {}],
  ['Anthropic messages', anthropic.MessagesRequest, { messages: [] }],
  ['Ollama generate', ollama.GenerateRequest, {}],
  ['Ollama chat', ollama.ChatRequest, {}],
  ['Ollama show', ollama.NameRequest, {}],
  ['KoboldAI generate', kobold.GenerateRequest, {}],
  ['llama.cpp completion', llamacpp.CompletionRequest, {}],
  ['AUTOMATIC1111 interrogate', a1111.InterrogateRequest, { image: '' }],
  ['SD.Next vqa', a1111.VqaRequest, { image: '' }],
  ['SillyTavern Extras', extras.CaptionRequest, { image: '' }],
  ['native', native.NativeRequest, {}],
]

const VALUES: readonly unknown[] = [true, 'x'.repeat(500), 'x', -1, 1.5, 1e6, [], [[]], {}, null]

describe.each(REQUESTS)('%s', (_, schema, least) => {
  it.each(fieldsOf(schema))('says what was expected for %s and what came', (field) => {
    const messages = VALUES.flatMap((value) => refusal(schema, { ...least, [field]: value }) ?? [])
    for (const { message, subject } of messages) {
      expect(message).toMatch(/^Expected (?!another value).+ for \S+, got .{1,80}\.$/)
      expect(message).not.toMatch(/invalid|received|too (big|small)|NaN|undefined|null or/i)
      expect(subject?.startsWith(field)).toBe(true)
    }
    const takesAnything = ['format', 'json_schema', 'guided_json'].includes(field)
    expect(messages.length > 0).toBe(!takesAnything)
  })
})

describe('one wrong value', () => {
  it.each<[z.ZodType, object, string]>([
    [
      openai.ChatRequest,
      { messages: [], n: 500 },
      'Expected a whole number from 1 to 8 for n, got 500.',
    ],
    [openai.ChatRequest, {}, 'Expected a list of objects for messages, got nothing.'],
    [
      openai.ChatRequest,
      { messages: [], stream: 'yes' },
      'Expected true or false for stream, got "yes".',
    ],
    [
      anthropic.MessagesRequest,
      { messages: [{ content: 5 }] },
      'Expected a text or a list for messages[0].content, got 5.',
    ],
    [
      native.NativeRequest,
      { num_beams: 99 },
      'Expected a whole number from 1 to 8 for num_beams, got 99.',
    ],
    [
      native.NativeRequest,
      { num_beams: 'a' },
      'Expected a whole number from 1 to 8 for num_beams, got "a".',
    ],
    [
      native.NativeRequest,
      { top_p: 2 },
      'Expected a number above 0 and at most 1 for top_p, got 2.',
    ],
    [
      native.NativeRequest,
      { region: [1, 2] },
      'Expected a list of 4 numbers or a list of lists for region, got [1,2].',
    ],
    [
      native.NativeRequest,
      { region: [1, 2, 3, 'a'] },
      'Expected a number or a list of 4 numbers for region[3], got "a".',
    ],
    [native.NativeRequest, { overlay: 'pdf' }, 'Expected "svg" or "png" for overlay, got "pdf".'],
    [native.NativeRequest, { images: [{ data: 1 }] }, 'Expected a text for images[0].data, got 1.'],
    [
      ollama.GenerateRequest,
      { options: { stop: 1 } },
      'Expected a text of 0 to 256 characters or a list of at most 64 texts for options.stop, got 1.',
    ],
    [
      native.NativeRequest,
      { num_beems: 3 },
      'Expected a field that FloCap knows, got "num_beems".',
    ],
    [native.NativeRequest, { image: 5 }, 'Expected a text or an object for image, got 5.'],
  ])('%#', (schema, request, message) => {
    expect(refusal(schema, request)?.message).toBe(message)
  })

  it.each<[z.ZodType, (stop: readonly string[]) => object, string]>([
    [openai.ChatRequest, (stop) => ({ messages: [], stop }), 'stop'],
    [
      anthropic.MessagesRequest,
      (stop) => ({ messages: [], stop_sequences: stop }),
      'stop_sequences',
    ],
    [ollama.GenerateRequest, (stop) => ({ options: { stop } }), 'options.stop'],
    [kobold.GenerateRequest, (stop) => ({ stop_sequence: stop }), 'stop_sequence'],
    [llamacpp.CompletionRequest, (stop) => ({ stop }), 'stop'],
    [native.NativeRequest, (stop) => ({ stop }), 'stop'],
  ])('%#: stop texts beyond the limits are refused, none is left out', (schema, ask, field) => {
    const many = Array.from({ length: 64 }, (_, index) => `stop ${index}`)
    expect(refusal(schema, ask(many))).toBeUndefined()
    expect(refusal(schema, ask([...many, 'one more']))?.subject).toBe(field)
    expect(refusal(schema, ask(['x'.repeat(257)]))?.subject).toBe(`${field}[0]`)
  })

  it('says which field was probably meant', () => {
    expect(refusal(native.NativeRequest, { num_beems: 3 })).toMatchObject({
      subject: 'num_beems',
      hint: 'Did you mean num_beams?',
    })
  })

  it('does not repeat what may be a picture', () => {
    const picture = 'SECRET'.repeat(1000)
    expect(refusal(native.NativeRequest, { stream: picture })?.message).toBe(
      'Expected true or false for stream, got a text of 6000 characters.',
    )
  })
})

function fieldsOf(schema: z.ZodType): string[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.keys(json.properties ?? {})
}

function refusal(schema: z.ZodType, request: object): FlocapError | undefined {
  try {
    parseFields(schema, request)
    return undefined
  } catch (error) {
    if (error instanceof FlocapError) return error
    throw error
  }
}
