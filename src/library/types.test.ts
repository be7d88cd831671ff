// The types are promises too: the compiler checks this file.
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { TASK_IDS, TASKS, type TaskId as InnerTaskId } from '../caption/tasks.ts'
import {
  type Answer,
  type Captioner,
  FlocapError,
  type LabelledBox,
  type Picture,
  type StructuredAnswer,
  type TaskId,
  tasks,
} from './index.ts'
import { toAnswer } from './answers.ts'

declare const captioner: Captioner
declare const picture: Picture

describe('types', () => {
  it('know the tasks of the table, and what each answers', async () => {
    expectTypeOf<TaskId>().toEqualTypeOf<InnerTaskId>()
    const fake = createFakeCaptioner()
    const kinds: Record<TaskId, Answer['data']['kind']> = {
      caption: 'text',
      detailed_caption: 'text',
      more_detailed_caption: 'text',
      ocr: 'text',
      ocr_with_region: 'quads',
      od: 'boxes',
      dense_region_caption: 'boxes',
      region_proposal: 'boxes',
      caption_to_phrase_grounding: 'boxes',
      referring_expression_segmentation: 'polygons',
      region_to_segmentation: 'polygons',
      open_vocabulary_detection: 'boxes_or_polygons',
      region_to_category: 'text',
      region_to_description: 'text',
      region_to_ocr: 'text',
      generate_tags: 'text',
      mixed_caption: 'text',
      mixed_caption_plus: 'text',
      analyze: 'text',
      generate_prompt: 'text',
      description: 'text',
      docvqa: 'text',
      vqa: 'text',
      raw: 'text',
    } satisfies { [T in TaskId]: Answer<T>['data']['kind'] }
    expect(tasks.map(({ id, answer }) => [id, answer])).toEqual(Object.entries(kinds))
    expect(TASK_IDS.map((id) => TASKS[id].answer)).toEqual(Object.values(kinds))
    const result = await fake.caption({ task: 'od', picture: Buffer.from('GIF89a') })
    expect(toAnswer<'od'>(result).data.boxes).toHaveLength(1)
  })

  it('follow the question', () => {
    const typed = () => ({
      plain: captioner.caption(picture),
      od: captioner.caption(picture, 'od'),
      vqa: captioner.caption(picture, { task: 'vqa', input: 'What?' }),
      both: captioner.ask(picture, ['caption', { task: 'od', beams: 1 }]),
      stream: captioner.stream(picture, { beams: 1 }),
      batch: captioner.batch([1, 2], { picture: () => picture, asks: ['od'] }),
    })
    type Typed = ReturnType<typeof typed>
    expectTypeOf<Typed['plain']>().resolves.toEqualTypeOf<Answer<'more_detailed_caption'>>()
    expectTypeOf<Typed['od']>().resolves.toEqualTypeOf<Answer<'od'>>()
    expectTypeOf<Answer<'od'>['data']['boxes']>().toEqualTypeOf<readonly LabelledBox[]>()
    expectTypeOf<Typed['vqa']>().resolves.toEqualTypeOf<Answer<'vqa'>>()
    expectTypeOf<Typed['both']>().resolves.toEqualTypeOf<
      readonly [Answer<'caption'>, Answer<'od'>]
    >()
    expectTypeOf<Typed['stream']['answer']>().resolves.toEqualTypeOf<
      Answer<'more_detailed_caption'>
    >()
    type Result = Exclude<Awaited<ReturnType<Typed['batch']['next']>>['value'], void>
    expectTypeOf<Result['item']>().toEqualTypeOf<number>()
    expectTypeOf<Result['answers']>().toEqualTypeOf<readonly [Answer<'od'>] | undefined>()
    expect(FlocapError).toBeTypeOf('function')
  })

  it('refuse what the task does not take', () => {
    const wrong = () => [
      // @ts-expect-error -- a question needs its text
      captioner.caption(picture, 'vqa'),
      // @ts-expect-error -- as above
      captioner.caption(picture, { task: 'vqa' }),
      // @ts-expect-error -- no such task
      captioner.caption(picture, 'odd'),
      // @ts-expect-error -- no picture
      captioner.caption(7),
    ]
    expect(wrong).toBeTypeOf('function')
    expectTypeOf<StructuredAnswer['value']>().toBeUnknown()
  })
})
