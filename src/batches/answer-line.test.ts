import { describe, expect, it } from 'vitest'
import { answerLine } from './answer-line.ts'
import type { LineAnswer, LineReader } from './line-reader.ts'

const JOB = {
  batch: 'batch_1',
  owner: 'local',
  endpoint: '/v1/responses',
  line: 7,
  offset: 0,
  length: 9,
} as const

function failure(code: string, status = 503): LineAnswer {
  return { status, requestId: 'r', body: { error: { code, message: code } } }
}

const GOOD: LineAnswer = {
  status: 200,
  requestId: 'r',
  body: { usage: { input_tokens: 3, output_tokens: 4 } },
}

/** Gives these answers, one after the other. */
async function answered(answers: readonly LineAnswer[]) {
  const left = [...answers]
  const reader: LineReader = {
    read: async () => ({
      fields: { custom_id: 'mine', method: 'POST', url: '/v1/responses', body: {} },
      answer: async () => left.shift() ?? GOOD,
    }),
  }
  const { signal } = new AbortController()
  const result = await answerLine(JOB, { reader, bytes: new Uint8Array(), signal, pauseMs: 1 })
  return { result, asked: answers.length - left.length }
}

describe('a line', () => {
  it('has the answer with its tokens', async () => {
    const { result } = await answered([GOOD])
    expect(result).toMatchObject({ failed: false, inputTokens: 3, outputTokens: 4 })
    expect(JSON.parse(result.text)).toEqual({
      id: 'batch_req_1_7',
      custom_id: 'mine',
      response: { status_code: 200, request_id: 'r', body: GOOD.body },
      error: null,
    })
  })

  it.each(['queue_full', 'queue_timeout', 'model_loading', 'invalid_model'])(
    'waits out %s as long as it takes',
    async (code) => {
      const waits = Array.from({ length: 6 }, () => failure(code))
      const { result, asked } = await answered([...waits, GOOD])
      expect(result.failed).toBe(false)
      expect(asked).toBe(7)
    },
  )

  it.each(['engine_failed', 'run_timeout', 'failed_to_download_image'])(
    'is tried three times after %s',
    async (code) => {
      const { result, asked } = await answered([1, 2, 3, 4].map(() => failure(code)))
      expect(asked).toBe(3)
      expect(result.failed).toBe(true)
      expect(result.text).toContain(code)
      expect((await answered([failure(code), failure(code), GOOD])).result.failed).toBe(false)
    },
  )

  it.each(['unsupported_image_format', 'empty_answer', 'internal_error', 'unknown_code'])(
    'fails at once after %s',
    async (code) => {
      const { result, asked } = await answered([failure(code, 400), GOOD])
      expect(asked).toBe(1)
      expect(result.failed).toBe(true)
    },
  )

  it('ends with the server', async () => {
    const ending = new AbortController()
    const reader: LineReader = {
      read: async () => ({
        fields: { custom_id: 'mine', method: 'POST', url: '/v1/responses', body: {} },
        answer: async () => {
          ending.abort()
          return failure('cancelled', 499)
        },
      }),
    }
    const { signal } = ending
    await expect(answerLine(JOB, { reader, bytes: new Uint8Array(), signal })).rejects.toThrow(
      /abort/,
    )
  })
})
