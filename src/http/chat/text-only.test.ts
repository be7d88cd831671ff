import { describe, expect, it } from 'vitest'
import { takesLinearTime } from '../../../test/support/linear-time.ts'
import type { Message } from './conversation.ts'
import { answerTextOnly, TEXT_ONLY_ANSWER } from './text-only.ts'

function ask(...texts: string[]): string {
  const messages = texts.map((text): Message => ({ role: 'user', parts: [{ kind: 'text', text }] }))
  return answerTextOnly(messages)
}

describe('answerTextOnly', () => {
  it('makes a title of the first clause, within the limit of words', () => {
    expect(
      ask(
        'Generate a clear event title (<6 words) from the description.',
        'Create a title for this text: A man walks to the door with a parcel. He rings.',
      ),
    ).toBe('A man walks')
    expect(ask('Give a title of at most 3 words. Text: Red cars, parked.')).toBe('Red cars, parked')
  })

  it('answers in the shape that the prompt shows', () => {
    const history =
      '<chat_history>\nUSER: What is this?\nASSISTANT: A red car. It stands.\n</chat_history>'
    expect(ask(`Generate a 3-5 word title. JSON: { "title": "your title" }\n${history}`)).toBe(
      '{"title":"A red car"}',
    )
    expect(ask(`Generate 1-3 tags. JSON: { "tags": ["a"] }\n${history}`)).toBe(
      '{"tags":["red","car","stands"]}',
    )
  })

  it('gives the first sentences for a summary, of a long text too', () => {
    const text = `Bread rises. ${'It needs water. '.repeat(3_000)}`
    expect(ask(`Summarize this.\n<text_content>${text}</text_content>`)).toBe(
      'Bread rises. It needs water.',
    )
  })

  it('knows letters of any script', () => {
    expect(ask('Create a title. Text: Хлеб растёт. Вода.')).toBe('Хлеб растёт')
  })

  it.each(['follow_ups', 'queries'])('has no ideas for %s, in the shape that is asked', (name) => {
    const prompt = `Suggest some.\nJSON: { "${name}": ["one", "two"] }`
    expect(ask(`${prompt}\n<chat_history>\nUSER: What is this?\n</chat_history>`)).toBe(
      `{"${name}":[]}`,
    )
  })

  it.each(['<text>', 'user:\n', 'text:\n\n', 'text:   ', 'a. ', '{"title":'])(
    'takes time in proportion to a prompt full of %j',
    (piece) => {
      const prompt = `Create a title. ${piece.repeat(100_000 / piece.length)}`
      expect(takesLinearTime(prompt, (text) => ask(text))).toBe(true)
    },
  )

  it.each(['Hi', '', 'What is a title?', 'Create a title.', 'Describe the picture. Text: none'])(
    'asks for a picture when it is asked %j',
    (text) => {
      expect(ask(text)).toBe(TEXT_ONLY_ANSWER)
    },
  )
})
