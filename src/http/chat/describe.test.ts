import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeCaptioner } from '../../../test/support/fake-captioner.ts'
import { PNG } from '../../../test/support/pictures.ts'
import type { Question } from './describe.ts'
import { describePictures } from './describe.ts'

function question(count: number, generation: Question['generation'] = {}): Question {
  return {
    pictures: Array.from({ length: count }, (_, index) => ({
      bytes: PNG,
      labels: count === 1 ? [] : [`Image ${index + 1}`],
    })),
    choice: { task: 'caption' },
    generation,
  }
}

const signal = new AbortController().signal

describe('describePictures', () => {
  it('gives the caption of one picture without a label', async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const { texts } = await describePictures(captioner, question(1), { signal })
    expect(texts).toEqual(['A dog.'])
  })

  it('gives each label a line, and runs once for several labels of one picture', async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const asked = {
      ...question(2),
      pictures: [
        { bytes: PNG, labels: ['Images 1-4'] },
        { bytes: PNG, labels: ['Front door', 'Garden'] },
      ],
    }
    const { texts, usage } = await describePictures(captioner, asked, { signal })
    expect(texts).toEqual(['Images 1-4: A dog.\nFront door: A dog.\nGarden: A dog.'])
    expect(captioner.calls).toHaveLength(2)
    expect(usage.completionTokens).toBe(4)
  })

  it('gives as many answers as were asked for', async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const asked = question(2, { numReturnSequences: 2 })
    const { texts } = await describePictures(captioner, asked, { signal })
    expect(texts).toEqual([
      'Image 1: A dog.\nImage 2: A dog.',
      'Image 1: A dog. Or so (1).\nImage 2: A dog. Or so (1).',
    ])
  })

  it('streams exactly the text that it returns', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'dog', ' ', '\n', '. '), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        async (pieces, count, joined) => {
          const text = `x${pieces.join('')}`.trim()
          const captioner = createFakeCaptioner({ text })
          let streamed = ''
          const asked = question(count)
          const pictures = joined
            ? asked.pictures.map((picture) => ({ ...picture, labels: ['a', 'b'] }))
            : asked.pictures
          const { texts } = await describePictures(
            captioner,
            { ...asked, pictures },
            {
              signal,
              onText: (piece) => {
                streamed += piece
              },
            },
          )
          expect(streamed).toBe(texts[0])
        },
      ),
    )
  })
})
