import { describe, expect, it } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { createModelCaptioner } from './model-captioner.ts'
import { createScores } from './token-scores.ts'

const PICTURE = new Uint8Array([1])
const HALF = Math.log(0.5)
const TENTH = Math.log(0.1)

/** `<s>car<loc>*4 red car<loc>*4</s>`: forced start, then two findings. */
const CARS = '<s>car<loc_1><loc_2><loc_3><loc_4>red car<loc_5><loc_6><loc_7><loc_8></s>'

function captionerThatSays(
  text: string,
  logProbs: readonly number[],
  finishReason = 'stop' as const,
) {
  return createModelCaptioner(
    createFakeVisionModel({ answers: { od: { text, logProbs, finishReason } } }),
  )
}

async function boxesOf(text: string, logProbs: readonly number[]) {
  const captioner = captionerThatSays(text, logProbs)
  const { data } = await captioner.caption({ picture: PICTURE, task: 'od' })
  return data.kind === 'boxes' ? data.boxes : []
}

describe('the score of a finding', () => {
  it('is the geometric mean over its label and its locations, and over nothing else', async () => {
    const first = [HALF, HALF, HALF, HALF, HALF]
    const second = [TENTH, TENTH, TENTH, TENTH, TENTH, TENTH]
    const [car, redCar] = await boxesOf(CARS, [0, ...first, ...second, 0])
    expect(car?.score).toBeCloseTo(0.5, 12)
    expect(redCar?.score).toBeCloseTo(0.1, 12)
  })

  it('shares the label between the boxes that it has', async () => {
    const text = '<s>car<loc_1><loc_2><loc_3><loc_4><loc_5><loc_6><loc_7><loc_8></s>'
    const logProbs = [0, TENTH, HALF, HALF, HALF, HALF, 0, 0, 0, 0, 0]
    const [first, second] = await boxesOf(text, logProbs)
    expect(first?.score).toBeCloseTo(Math.exp((TENTH + 4 * HALF) / 5), 12)
    expect(second?.score).toBeCloseTo(Math.exp(TENTH / 5), 12)
  })

  it('is there for quads and polygons too', async () => {
    const model = createFakeVisionModel({
      answers: {
        ocr_with_region: 'OPEN<loc_1><loc_2><loc_3><loc_4><loc_5><loc_6><loc_7><loc_8>',
        referring_expression_segmentation:
          '<poly><loc_1><loc_1><loc_9><loc_1><loc_9><loc_9></poly>',
      },
    })
    const captioner = createModelCaptioner(model)
    const [text, outline] = await captioner.captionTasks({
      picture: PICTURE,
      tasks: [
        { task: 'ocr_with_region' },
        { task: 'referring_expression_segmentation', input: 'a car' },
      ],
    })
    expect(text?.data).toMatchObject({ quads: [{ score: expect.closeTo(Math.exp(-0.1), 12) }] })
    expect(outline?.data).toMatchObject({
      polygons: [{ score: expect.closeTo(Math.exp(-0.1), 12) }],
    })
  })

  it('is not there where a reference is imitated, which has none', async () => {
    const model = createFakeVisionModel({ answers: { od: CARS } })
    const captioner = createModelCaptioner(model, { parsing: { mode: 'reference' } })
    const { data } = await captioner.caption({ picture: PICTURE, task: 'od' })
    expect(JSON.stringify(data)).not.toContain('score')
  })
})

describe('createScores', () => {
  it('has 0 for a place where the model chose nothing', () => {
    const scores = createScores({
      text: '<s>car',
      offsets: [0, 3],
      tokens: [0, 9],
      logProbs: [0, HALF],
      score: 0,
      finishReason: 'stop',
    })
    expect(scores([3])).toBeCloseTo(0.5, 12)
    expect(scores([0])).toBe(0)
    expect(scores([77])).toBe(0)
  })
})
