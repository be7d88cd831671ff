import { describe, expect, it } from 'vitest'
import { FlocapError } from '../../../src/base/errors.ts'
import {
  ResponseEvent,
  ResponsesResponse,
} from '../../../src/http/surfaces/openai/responses-schema.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { PNG_DATA_URL } from '../../support/pictures.ts'
import { parseEvents } from '../../support/streams.ts'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

const PATH = '/v1/responses'

/** As PhotoPrism and the SDKs write it. */
function ask(fields: object = {}): object {
  return {
    model: 'gpt-5-mini',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Describe.' },
          { type: 'input_image', image_url: PNG_DATA_URL, detail: 'low' },
        ],
      },
    ],
    ...fields,
  }
}

onEachTransport('Responses', (open) => {
  it(`take input_image as a string and answer every required field ${verifies('PP-2', 'N8N-1', 'TRAP-7')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const headers = { 'OpenAI-Organization': '' }
    const response = await client.request(PATH, post(ask({ max_output_tokens: 300 }), headers))
    const body: unknown = await response.json()
    expect(ResponsesResponse.parse(body)).toEqual(body)
    expect(body).toMatchObject({
      object: 'response',
      status: 'completed',
      error: null,
      incomplete_details: null,
      output: [
        {
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'A dog.', annotations: [], logprobs: [] }],
        },
      ],
      usage: { input_tokens: 590, output_tokens: 2, total_tokens: 592 },
    })
  })

  it('stream named events that count from 0', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const response = await client.request(PATH, post(ask({ stream: true })))
    const events = parseEvents(await response.text())
    const bodies = events.map(({ data }) => ResponseEvent.parse(JSON.parse(data)))
    expect(bodies.map(({ sequence_number: number }) => number)).toEqual([...events.keys()])
    expect(bodies.map(({ type }) => type)).toEqual(events.map(({ name }) => name))
    expect(events.map(({ name }) => name)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    const deltas = bodies.filter(({ type }) => type === 'response.output_text.delta')
    expect(deltas.map((event) => event['delta']).join('')).toBe('A dog.')
  })

  it('answer and stream exactly as recorded', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    await expect(await record(await client.request(PATH, post(ask())))).toMatchFileSnapshot(
      'recorded/responses.txt',
    )
    const streamed = await client.request(PATH, post(ask({ stream: true })))
    await expect(await record(streamed)).toMatchFileSnapshot('recorded/responses-stream.txt')
  })

  it(`fail with an event once the stream is open ${verifies('TRAP-17')}`, async () => {
    const errorAfterText = new FlocapError('engine_failed', 'The engine died.')
    const client = await open({ captioner: createFakeCaptioner({ errorAfterText }) })
    const response = await client.request(PATH, post(ask({ stream: true })))
    const last = parseEvents(await response.text()).at(-1)
    expect(last?.name).toBe('response.failed')
    expect(JSON.parse(last?.data ?? '')).toMatchObject({
      sequence_number: expect.any(Number),
      response: { status: 'failed', error: { code: 'engine_failed' } },
    })
  })
})

/** Runs one request in memory and tells what reached the captioner, and the answer. */
async function run(body: object) {
  const captioner = createFakeCaptioner()
  const response = await createTestApp({ captioner }).request(PATH, post(body))
  const answer: unknown = await response.json()
  const requests = captioner.calls.map(({ request }) => request)
  return { status: response.status, body: answer, requests }
}

describe('input of responses', () => {
  it(`without a picture answers the helpful sentence ${verifies('TRAP-25')}`, async () => {
    for (const input of ['Hi', [{ role: 'user', content: 'Hi' }], [], null]) {
      const { status, body } = await run({ input })
      expect(status).toBe(200)
      expect(body).toMatchObject({
        output: [{ content: [{ text: expect.stringContaining('image') }] }],
      })
    }
  })

  it('may hold items of other kinds', async () => {
    const { requests } = await run(
      ask({
        input: [
          { type: 'reasoning', summary: [] },
          { type: 'function_call_output', call_id: 'c', output: 'x' },
          {
            type: 'message',
            role: 'user',
            content: [{ type: 'input_image', image_url: PNG_DATA_URL }],
          },
        ],
      }),
    )
    expect(requests).toHaveLength(1)
  })

  it('chooses tasks as chats do', async () => {
    const { requests } = await run(
      ask({
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: '<OD>' },
              { type: 'input_image', image_url: PNG_DATA_URL },
            ],
          },
        ],
      }),
    )
    expect(requests[0]?.task).toBe('od')
  })

  it('that refers to a stored file is refused', async () => {
    const content = [{ type: 'input_image', file_id: 'file-1' }]
    const { status, body } = await run({ input: [{ role: 'user', content }] })
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { param: 'input[0].content[0].file_id' } })
  })

  it('cut by max_output_tokens is incomplete', async () => {
    const { body } = await run(ask({ max_output_tokens: 1 }))
    expect(body).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
  })

  it('asking for JSON by schema gets it', async () => {
    const schema = { type: 'object', properties: { alt: { type: 'string' } } }
    const { body } = await run(ask({ text: { format: { type: 'json_schema', schema } } }))
    expect(body).toMatchObject({
      output: [{ content: [{ text: expect.stringMatching(/^\{"alt":".+"\}$/) }] }],
    })
  })
})
