import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INTENTS, readIntent } from './intents.ts'

const examples = INTENTS.flatMap(({ intent, examples: texts }) =>
  texts.map((text) => [text, intent] as const),
)

describe('a prompt in plain words', () => {
  it.each(examples)('%s', (text, intent) => {
    expect(readIntent(text)?.intent).toBe(intent)
    expect(readIntent(text.toUpperCase())?.intent).toBe(intent)
  })

  it.each([
    // As programs send them.
    [
      'Just transcribe the text in this image and preserve the formatting and layout (high quality OCR). Do that for ALL the text in the image. Be thorough and pay attention.',
      'read',
    ],
    [
      'Create a caption with exactly one sentence in the active voice that describes the main visual content. Begin with the main subject and clear action. Avoid text formatting, meta-language, and filler words.',
      'short',
    ],
    ['Write a detailed caption for this image.', undefined],
    ["What's in this image?", undefined],
    ['What’s in this image?', undefined],
    ['Describe this image in detail.', undefined],
    [
      'Analyze the sequence of images containing the person. Focus on the likely intent or behavior of the person based on its actions and movement, rather than describing its appearance or the surroundings.',
      undefined,
    ],
  ])('%s: %s', (text, intent) => {
    expect(readIntent(text)?.intent).toBe(intent)
  })

  it.each([
    'Do not transcribe the text.',
    'Describe the scene without tags.',
    "Don't list the objects.",
    'Read the text, then list the tags.',
    'Describe it in one sentence and list all objects.',
    '',
  ])('that forbids it, or asks for two things, means nothing: %s', (text) => {
    expect(readIntent(text)).toBeUndefined()
  })

  it('may say the same twice', () => {
    expect(readIntent('Write a short alt text of one sentence.')?.task).toBe('caption')
  })

  it('of any kind and length is read at once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(5_000), (unit, times) => {
        expect(() => readIntent(unit.repeat(times))).not.toThrow()
      }),
      { numRuns: 50 },
    )
  })
})
