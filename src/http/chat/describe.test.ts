import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeCaptioner } from '../../../test/support/fake-captioner.ts'
import { PNG } from '../../../test/support/pictures.ts'
import type { Question } from './describe.ts'
import { describePictures } from './describe.ts'

function question(count: number, generation: Question['generation'] = {}): Question {
  return {
    pictures: Array.from({ length: count }, () => ({ bytes: PNG })),
    choice: { task: 'caption' },
    generation,
  }
}

const signal = new AbortController().signal

describe('describePictures', () => {
  it('gives the caption of one picture without a label', async () => {
    const captioner = createFakeCaptioner({ text: ' A dog. \n' })
    const { texts, results } = await describePictures(captioner, question(1), { signal })
    expect(texts).toEqual(['A dog.'])
    expect(results[0]).not.toHaveProperty('label')
  })

  it('labels several pictures, with their own labels where they have one', async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const asked = {
      ...question(2),
      pictures: [{ bytes: PNG }, { bytes: PNG, label: 'Front door' }],
    }
    const { texts, usage } = await describePictures(captioner, asked, { signal })
    expect(texts).toEqual(['Image 1: A dog.\nFront door: A dog.'])
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

  it('streams exactly the text that it returns, whatever blanks the pieces have', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'dog', ' ', '\n', '. '), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        async (pieces, count) => {
          const text = `x${pieces.join('')}`
          const captioner = createFakeCaptioner({ text })
          let streamed = ''
          const { texts } = await describePictures(captioner, question(count), {
            signal,
            onText: (piece) => {
              streamed += piece
            },
          })
          expect(streamed).toBe(texts[0])
        },
      ),
    )
  })

  it('fails when the model gives no text, rather than answer with nothing', async () => {
    const captioner = createFakeCaptioner({ text: ' \n ' })
    await expect(describePictures(captioner, question(1), { signal })).rejects.toMatchObject({
      code: 'empty_answer',
      message: expect.stringContaining('no text'),
    })
  })
})
