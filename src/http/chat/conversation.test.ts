import { describe, expect, it } from 'vitest'
import { FlocapError } from '../../base/errors.ts'
import type { Message, Part } from './conversation.ts'
import { chooseContent } from './conversation.ts'

const text = (value: string): Part => ({ kind: 'text', text: value })
const image = (source: string): Part => ({ kind: 'image', source, field: `f${source}` })
const user = (...parts: Part[]): Message => ({ role: 'user', parts })

function sources(messages: readonly Message[]): string[] {
  return chooseContent(messages).images.map((chosen) => chosen.source)
}

describe('chooseContent', () => {
  it('takes all pictures of a turn, whatever stands beside them', () => {
    expect(
      sources([user(text('one'), image('a')), user(text('two'), image('b'), image('c'))]),
    ).toEqual(['a', 'b', 'c'])
    expect(sources([user(image('a')), user(text('and now?'))])).toEqual(['a'])
    expect(sources([user(text('x'))])).toEqual([])
    expect(sources([])).toEqual([])
  })

  it('joins messages of one turn that hold nothing but pictures', () => {
    expect(sources([user(image('a')), user(image('b')), user(text('What are these?'))])).toEqual([
      'a',
      'b',
    ])
    expect(sources([user(text('x'), image('a')), user(image('b'))])).toEqual(['a', 'b'])
    expect(sources([user(image('a')), user(text('x'), image('b'))])).toEqual(['a', 'b'])
  })

  it('joins the results of all tools of one step, whatever they say', () => {
    const tool = (...parts: Part[]): Message => ({ role: 'tool', parts })
    expect(sources([tool(text('x'), image('a')), tool(text('y'), image('b'))])).toEqual(['a', 'b'])
  })

  it.each([
    'The following images along with descriptions serve as reference. They are not to be mentioned in the response.',
    'For reference only.',
  ])('passes over what the client calls memory, and says which pictures: %s', (words) => {
    const memory = user(text(words), text('Max:'), image('a'))
    const question = user(text('Image 1:'), image('b'), text('Who is it?'))
    expect(chooseContent([memory, question])).toMatchObject({
      images: [{ source: 'b' }],
      memory: ['fa'],
    })
    // The last message is always the question.
    expect(sources([memory])).toEqual(['a'])
  })

  it('says which pictures of earlier turns are passed over', () => {
    const answer: Message = { role: 'assistant', parts: [text('A dog.')] }
    expect(chooseContent([user(image('a')), answer, user(image('b'))]).memory).toEqual(['fa'])
    expect(chooseContent([user(image('a')), user(text('x'), image('b'))]).memory).toEqual([])
  })

  it('leaves what was answered alone', () => {
    const answer: Message = { role: 'assistant', parts: [text('A dog.')] }
    expect(sources([user(image('a')), answer, user(image('b'))])).toEqual(['b'])
    expect(sources([user(image('a')), answer, user(text('x'))])).toEqual(['a'])
    expect(sources([user(image('a')), user(image('b')), answer, user(text('x'))])).toEqual([
      'a',
      'b',
    ])
  })

  it('refuses a turn with a part that cannot be read, and no earlier one', () => {
    const error = new FlocapError('invalid_request', 'x')
    const audio: Part = { kind: 'unreadable', error }
    expect(() => chooseContent([user(image('a'), audio)])).toThrow(error)
    expect(() => chooseContent([user(audio), user(image('a'))])).toThrow(error)
    const answer: Message = { role: 'assistant', parts: [text('x'), audio] }
    expect(sources([user(audio), answer, user(image('a'))])).toEqual(['a'])
  })

  it('keeps the words of the system apart', () => {
    const system: Message = { role: 'system', parts: [text('<OCR>')] }
    expect(chooseContent([system, user(image('a'))])).toMatchObject({
      texts: [],
      systemTexts: ['<OCR>'],
    })
  })

  it('takes pictures of any role', () => {
    expect(sources([user(image('a')), { role: 'assistant', parts: [image('b')] }])).toEqual(['b'])
  })

  it("keeps the client's label in front of each picture", () => {
    const { images } = chooseContent([
      user(text('Image 1:'), image('a'), text(' Front door: '), image('b'), image('c')),
    ])
    expect(images.map(({ label }) => label)).toEqual(['Image 1', 'Front door', undefined])
  })

  it.each(['What is this?', 'Look at\nthis:', `${'long '.repeat(30)}:`, ':'])(
    'does not take %j for a label',
    (before) => {
      const { images } = chooseContent([user(text(before), image('a'))])
      expect(images[0]).not.toHaveProperty('label')
    },
  )

  it('orders texts from the newest, of the user only after the pictures', () => {
    const { texts } = chooseContent([
      user(text('old')),
      user(text('one'), image('a'), text('two')),
      { role: 'assistant', parts: [text('answer')] },
      user(text('three')),
    ])
    expect(texts).toEqual(['three', 'two', 'one'])
  })

  it('looks into the message before when the pictures stand alone', () => {
    expect(chooseContent([user(text('prompt')), user(text(''), image('a'))]).texts).toEqual([
      'prompt',
    ])
    const system: Message = { role: 'system', parts: [text('rules')] }
    expect(chooseContent([system, user(image('a'))]).texts).toEqual([])
  })
})
