import { describe, expect, it } from 'vitest'
import type { Message, Part } from './conversation.ts'
import { chooseContent } from './conversation.ts'

const text = (value: string): Part => ({ kind: 'text', text: value })
const image = (source: string): Part => ({ kind: 'image', source, field: `f${source}` })
const user = (...parts: Part[]): Message => ({ role: 'user', parts })

function sources(messages: readonly Message[]): string[] {
  return chooseContent(messages).images.map((chosen) => chosen.source)
}

describe('chooseContent', () => {
  it('takes the pictures of the last message that has any', () => {
    expect(sources([user(image('a')), user(text('x')), user(image('b'), image('c'))])).toEqual([
      'b',
      'c',
    ])
    expect(sources([user(image('a')), user(text('and now?'))])).toEqual(['a'])
    expect(sources([user(text('x'))])).toEqual([])
    expect(sources([])).toEqual([])
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
