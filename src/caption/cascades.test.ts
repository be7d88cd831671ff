import { describe, expect, it } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { captionAndGround, readText } from './cascades.ts'
import { createModelCaptioner } from './model-captioner.ts'

const picture = new Uint8Array([1, 2, 3])

function locations(...bins: readonly number[]): string {
  return bins.map((bin) => `<loc_${bin}>`).join('')
}

describe('captionAndGround', () => {
  it('locates the phrases of the caption that it wrote', async () => {
    const model = createFakeVisionModel({
      answers: {
        detailed_caption: 'A car by a house.',
        caption_to_phrase_grounding: (input) =>
          input === 'A car by a house.' ? `A car${locations(52, 332, 932, 774)}` : 'wrong input',
      },
    })
    const heard: string[] = []
    const { caption, grounding } = await captionAndGround(
      createModelCaptioner(model),
      { picture, caption: 'detailed_caption', generation: { numBeams: 1 } },
      { onText: (text) => heard.push(text) },
    )
    expect(caption.text).toBe('A car by a house.')
    expect(grounding?.text).toBe('A car: 34, 160, 597, 372')
    expect(heard.join('')).toBe('A car by a house.')
    expect(model.requests.map(({ queries }) => queries[0]?.generation.numBeams)).toEqual([1, 1])
  })
})

describe('readText', () => {
  it('gives lines from the top, read from the left, with their place', async () => {
    const model = createFakeVisionModel({
      picture: { width: 1000, height: 1000 },
      answers: {
        ocr_with_region: [
          `below${locations(10, 300, 90, 300, 90, 340, 10, 340)}`,
          `right${locations(200, 102, 300, 102, 300, 142, 200, 142)}`,
          `left${locations(10, 100, 100, 100, 100, 140, 10, 140)}`,
        ].join(''),
      },
    })
    const { result, lines } = await readText(createModelCaptioner(model), { picture })
    expect(result.text).toBe('left right\nbelow')
    expect(lines.map(({ text, box }) => [text, box])).toEqual([
      ['left right', [10.5, 100.5, 300.5, 142.5]],
      ['below', [10.5, 300.5, 90.5, 340.5]],
    ])
  })

  it('gives no lines when there is no text', async () => {
    const model = createFakeVisionModel({ answers: { ocr_with_region: '' } })
    const { result, lines } = await readText(createModelCaptioner(model), { picture })
    expect([result.text, lines]).toEqual(['No text found.', []])
  })
})
