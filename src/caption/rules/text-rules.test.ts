import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyTextRules, compileTextRules, type TextRules } from './text-rules.ts'

const apply = (text: string, rules: TextRules): string =>
  applyTextRules(compileTextRules(rules), text)

describe('text rules', () => {
  it.each([
    ['The image shows a dog on a lawn.', 'A dog on a lawn.'],
    ['This picture depicts two cats.', 'Two cats.'],
    ['In this image we can see an owl.', 'An owl.'],
    ['In the picture, there are three cars.', 'Three cars.'],
    ['The image is a close-up of a leaf.', 'A close-up of a leaf.'],
    ['The image is of a boat.', 'A boat.'],
    ['A photo of a man.', 'A man.'],
    ['An owl and an egg.', 'An owl and an egg.'],
    ['The images show nothing.', 'The images show nothing.'],
  ])('strips the opening of %j', (text, expected) => {
    expect(apply(text, { stripOpenings: true })).toBe(expected)
  })

  it('replaces words as written, and leaves no gap', () => {
    expect(apply('a red red car.', { replace: [{ from: 'red ', to: '' }] })).toBe('a car.')
    expect(apply('a (b) c', { replace: [{ from: '(b)', to: '$&' }] })).toBe('a $& c')
    expect(apply('a man , there', { replace: [{ from: 'man', to: '' }] })).toBe('a, there')
  })

  it('replaces regular expressions with their groups', () => {
    const replaceRegex = [{ from: String.raw`(\w+) and (\w+)`, to: '$2 and $1' }]
    expect(apply('cats and dogs', { replaceRegex })).toBe('dogs and cats')
  })

  it('is quick with an expression that would hang a backtracking machine', () => {
    const replaceRegex = [{ from: '^(a+)+$', to: 'b' }]
    const text = `${'a'.repeat(5_000)}!`
    expect(apply(text, { replaceRegex })).toBe(text)
  })

  it.each(['(', '(?=a)', String.raw`(a)\1`])('refuses the expression %j', (from) => {
    expect(() => compileTextRules({ replaceRegex: [{ from, to: '' }] })).toThrow(
      expect.objectContaining({ code: 'invalid_request', subject: '--replace-regex' }),
    )
  })

  it('bounds expressions and texts that would take long', () => {
    const long = [{ from: '.{900}.{900}', to: '' }]
    expect(() => compileTextRules({ replaceRegex: long }, 'text_rules.replace_regex')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('at most 1000 steps for text_rules.replace_regex, got'),
      }),
    )
    const replace = Array.from({ length: 32 }, () => ({ from: 'a', to: 'a'.repeat(200) }))
    expect(() => apply('a dog', { replace })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('expected at most 20000') }),
    )
  })

  it('cuts at a sentence', () => {
    const text = 'A dog. It runs on grass. The sky is blue.'
    expect(apply(text, { length: 'short' })).toBe('A dog.')
    expect(apply(text, { length: 'normal' })).toBe(text)
    const long = Array.from({ length: 20 }, (_, n) => `This is the sentence of number ${n}.`)
    expect(apply(long.join(' '), { length: 'normal' })).toBe(long.slice(0, 8).join(' '))
    expect(apply(long.join(' '), { length: 'long' })).toBe(long.join(' '))
  })

  it('keeps an alternative text below its limit, whatever is put around it', () => {
    fc.assert(
      fc.property(
        fc.lorem({ maxCount: 60 }),
        fc.constantFrom<TextRules>(
          { length: 'alt' },
          { length: 'alt', prefix: 'Photo: ' },
          { length: 'alt', suffix: ' (2026)', trigger: 'ohwx' },
        ),
        (text, rules) => {
          const alt = apply(text, rules)
          expect(alt.length).toBeLessThanOrEqual(125)
          // Whole words of the text only.
          const { prefix = '', suffix = '', trigger } = rules
          const front = trigger === undefined ? prefix : `${trigger}, ${prefix}`
          const kept = alt.slice(front.length, alt.length - suffix.length)
          expect(text.startsWith(kept)).toBe(true)
          expect(text.slice(kept.length)).toMatch(/^(?:[\s,]|$)/)
        },
      ),
    )
  })

  it('puts the trigger first and once', () => {
    expect(apply('a dog', { trigger: 'ohwx' })).toBe('ohwx, a dog')
    expect(apply('ohwx, a dog', { trigger: 'ohwx' })).toBe('ohwx, a dog')
    expect(apply('ohwxen', { trigger: 'ohwx' })).toBe('ohwx, ohwxen')
    expect(apply('a dog', { triggerPlaceholder: true })).toBe('[trigger], a dog')
  })

  it('escapes what kohya reads as a choice', () => {
    expect(apply('a {sign|board}', { escape: 'kohya' })).toBe('a {{sign|board}}')
  })

  it('makes a list of distinct tags', () => {
    expect(apply('dog, Grass ,dog,, sky.', { tags: true })).toBe('dog, Grass, sky')
  })

  it('applies them in one order', () => {
    const rules: TextRules = {
      tags: true,
      escape: 'kohya',
      trigger: 'ohwx',
      suffix: ', outdoors',
      prefix: 'photo, ',
      length: 'short',
      replace: [{ from: 'dog', to: '{dog}' }],
      stripOpenings: true,
    }
    expect(apply('The image shows a dog. It runs.', rules)).toBe('ohwx, photo, A {{dog}}, outdoors')
    expect(compileTextRules(rules).map(({ name }) => name)).toEqual([
      'strip openings',
      'replace "dog" by "{dog}"',
      'short length',
      'put "photo, " in front',
      'put ", outdoors" behind',
      'trigger "ohwx"',
      'escape { and } for kohya',
      'tags, each once',
    ])
  })

  it('names the rule that leaves nothing', () => {
    expect(() => apply('dog', { replace: [{ from: 'dog', to: '' }] })).toThrow(
      expect.objectContaining({
        code: 'empty_caption',
        message: expect.stringContaining('replace "dog"'),
      }),
    )
  })
})
