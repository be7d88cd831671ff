import { describe, expect, it } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import type { FakeVisionModelOptions } from '../../test/support/fake-vision-model.ts'
import { createModelCaptioner } from '../../src/caption/model-captioner.ts'
import { Evaluation, type Scores } from './evaluate.ts'
import type { SceneTruth } from './truth.ts'

/** 100 pixels square: a dog on the left, a cat to its right, a word below. */
const SCENE: SceneTruth = {
  kind: 'scene',
  file: 'scene.png',
  width: 100,
  height: 100,
  background: ['blue'],
  things: [
    {
      name: 'dog',
      box: [0, 0, 50, 50],
      place: 'in the top left',
      mask: { size: [2, 2], counts: [0, 1, 3] },
    },
    {
      name: 'cat',
      box: [50, 0, 100, 50],
      place: 'in the upper right',
      mask: { size: [2, 2], counts: [2, 1, 1] },
    },
  ],
  word: { text: 'STOP', box: [20, 80, 60, 95] },
}

const DOG_BOX = '<loc_0><loc_0><loc_499><loc_499>'
const CAT_BOX = '<loc_500><loc_0><loc_999><loc_499>'
const DOG_OUTLINE = '<loc_0><loc_0><loc_500><loc_0><loc_500><loc_500><loc_0><loc_500>'
const CAT_OUTLINE = '<loc_500><loc_0><loc_999><loc_0><loc_999><loc_500><loc_500><loc_500>'

/** The fake does not look. */
const PICTURE = Buffer.of(1)

const isDog = (input: string): boolean => input.includes('dog') || input.startsWith('0,')

/** What a model says that knows the scene. */
const TRUE_ANSWERS: NonNullable<FakeVisionModelOptions['answers']> = {
  caption: 'A dog, a cat and the word "STOP" on a blue background.',
  detailed_caption:
    'The image shows a dog in the top left, a large cat in the upper right and the word "STOP" at the bottom, on a blue background.',
  more_detailed_caption:
    'The image shows a dog, a cat and the word "STOP" on a blue background. The dog is in the top left. A large cat can be seen right of the dog.',
  od: `dog${DOG_BOX}cat${CAT_BOX}`,
  caption_to_phrase_grounding: `a dog${DOG_BOX}a cat${CAT_BOX}`,
  open_vocabulary_detection: (input) =>
    isDog(input) ? `dog${DOG_BOX}` : input === 'cat' ? `cat${CAT_BOX}` : '',
  region_to_category: (input) => (isDog(input) ? `dog${DOG_BOX}` : `cat${CAT_BOX}`),
  region_to_segmentation: (input) => (isDog(input) ? DOG_OUTLINE : CAT_OUTLINE),
  referring_expression_segmentation: (input) => (isDog(input) ? DOG_OUTLINE : CAT_OUTLINE),
  ocr: 'STOP',
  region_to_ocr: 'STOP',
}

function evaluationOf(answers: FakeVisionModelOptions['answers']): Evaluation {
  const model = createFakeVisionModel({
    answers: { ...TRUE_ANSWERS, ...answers },
    picture: { width: 100, height: 100 },
  })
  return new Evaluation(createModelCaptioner(model), ['dog', 'cat', 'fish'])
}

async function scoresOf(answers: FakeVisionModelOptions['answers'] = {}): Promise<Scores> {
  const evaluation = evaluationOf(answers)
  await evaluation.addScene(SCENE, PICTURE)
  return evaluation.scores()
}

describe('Evaluation', () => {
  it('gives a model that knows everything full marks', async () => {
    expect(await scoresOf()).toMatchObject({
      pictures: 1,
      things: 2,
      recall: 1,
      precision: 1,
      background: 1,
      place: 1,
      relation: 1,
      detection: 1,
      grounding: 1,
      openVocabulary: 1,
      absent: 1,
      category: 1,
      regionOutline: 1,
      phraseOutline: 1,
      characterErrors: 0,
      regionCharacterErrors: 0,
    })
  })

  it('counts what is missing and what is made up', async () => {
    const caption = 'A dog and two fish on a red background.'
    expect(await scoresOf({ caption })).toMatchObject({
      recall: 1 / 2,
      precision: 1 / 3,
      background: 0,
    })
  })

  it('tells a wrong place and a wrong relation', async () => {
    const scores = await scoresOf({
      detailed_caption:
        'The image shows a dog on the left and a cat in the upper right, on a blue background.',
      more_detailed_caption: 'A cat can be seen left of the dog.',
    })
    expect(scores).toMatchObject({ place: 1 / 2, relation: 0 })
  })

  it('takes no box that covers less than half', async () => {
    const narrow = '<loc_0><loc_0><loc_199><loc_499>'
    const scores = await scoresOf({
      od: `dog${narrow}cat${CAT_BOX}`,
      caption_to_phrase_grounding: `a dog${narrow}a cat${CAT_BOX}`,
    })
    expect(scores).toMatchObject({ detection: 1 / 2, grounding: 1 / 2 })
  })

  it('counts letters, not words', async () => {
    expect(await scoresOf({ ocr: 'SHOP' })).toMatchObject({ characterErrors: 1 / 4 })
  })

  it('asks an unknown picture for modesty', async () => {
    const evaluation = evaluationOf({ caption: 'An object on a mixed background.' })
    await evaluation.addUnknown('photograph', PICTURE)
    expect(evaluation.scores().modesty).toEqual({ photograph: 1 })
    const boastful = evaluationOf({ caption: 'A dog on a blue background.' })
    await boastful.addUnknown('noise', PICTURE)
    expect(boastful.scores().modesty).toEqual({ noise: 0 })
  })
})
