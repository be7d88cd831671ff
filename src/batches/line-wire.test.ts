import { describe, expect, it } from 'vitest'
import type { LineJob } from './line-queue.ts'
import { readResult, readWired, renderResult, renderWired } from './line-wire.ts'
import { renderAnswer } from './render-line.ts'

const JOB: LineJob = {
  batch: 'batch_0mx1mkkb9cdd9e2c5ad26b4bb',
  line: 7,
  owner: 'local',
  endpoint: '/v1/chat/completions',
  offset: 120,
  length: 13,
}
const ANSWER = { status: 200, requestId: 'r', body: { usage: { prompt_tokens: 3 } } }

it('brings a line to a worker, and its answer back', () => {
  const wired = readWired(renderWired(JOB, '{"a":"ü \\ud800"}'))
  expect(Buffer.from(wired.bytes).toString()).toBe('{"a":"ü \\ud800"}')
  expect(wired.job).toEqual({ ...JOB, offset: 0, length: wired.bytes.byteLength })
  const result = renderAnswer(JOB, 'c', ANSWER)
  expect(readResult(renderResult(result), JOB)).toEqual(result)
})

describe('what is no answer to a line is none of its output', () => {
  const right = renderAnswer(JOB, 'c', ANSWER)
  const other = renderAnswer({ ...JOB, line: 8 }, 'c', ANSWER)
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['no result', '{}'],
    ['an answer to another line', renderResult(other)],
    [
      'an answer in another batch',
      renderResult(renderAnswer({ ...JOB, batch: 'batch_1' }, 'c', ANSWER)),
    ],
    ['a text that is no JSON', renderResult({ ...right, text: 'A cat.' })],
    ['a text that is nothing', renderResult({ ...right, text: 'null' })],
    ['two answers', renderResult({ ...right, text: `${right.text}\n${other.text}` })],
    ['tokens below zero', renderResult({ ...right, inputTokens: -1 })],
    ['tokens beyond all numbers', renderResult({ ...right, outputTokens: 1e300 })],
    ['an answer of the language', renderResult({ ...right, text: `{"__proto__":${right.text}}` })],
  ])('%s', (_name, text) => {
    expect(() => readResult(text, JOB)).toThrow(/expected|JSON/i)
  })

  it('and one with line breaks is one line', () => {
    const spread = JSON.stringify(JSON.parse(right.text), undefined, 2)
    expect(readResult(renderResult({ ...right, text: spread }), JOB)).toEqual(right)
  })
})

it.each([
  ['no JSON', '['.repeat(100_000)],
  ['another version', JSON.stringify({ v: 2 })],
  ['another endpoint', renderWired(JOB, '{}').replace('/v1/chat/completions', '/v1/files')],
  ['half a line number', renderWired(JOB, '{}').replace('"line":7', '"line":7.5')],
])('what no server has sent is not answered: %s', (_name, payload) => {
  expect(() => readWired(payload)).toThrow(/expected|invalid|JSON/i)
})
