import { describe, expect, it } from 'vitest'
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

  it.each(['Hi', '', 'What is a title?', 'Create a title.', 'Describe the picture. Text: none'])(
    'asks for a picture when it is asked %j',
    (text) => {
      expect(ask(text)).toBe(TEXT_ONLY_ANSWER)
    },
  )
})
