import { describe, expect, it } from 'vitest'
import { FlocapError } from '../base/errors.ts'
import { TASKS, TASK_IDS, findTask, isTaskId } from './tasks.ts'
import type { TaskId } from './tasks.ts'

describe('the task table', () => {
  it('has the fifteen tasks of Florence-2', () => {
    const tokens = TASK_IDS.filter((id) => TASKS[id].family === 'florence2').map(
      (id) => TASKS[id].token,
    )
    expect(tokens.toSorted()).toEqual([
      '<CAPTION>',
      '<CAPTION_TO_PHRASE_GROUNDING>',
      '<DENSE_REGION_CAPTION>',
      '<DETAILED_CAPTION>',
      '<MORE_DETAILED_CAPTION>',
      '<OCR>',
      '<OCR_WITH_REGION>',
      '<OD>',
      '<OPEN_VOCABULARY_DETECTION>',
      '<REFERRING_EXPRESSION_SEGMENTATION>',
      '<REGION_PROPOSAL>',
      '<REGION_TO_CATEGORY>',
      '<REGION_TO_DESCRIPTION>',
      '<REGION_TO_OCR>',
      '<REGION_TO_SEGMENTATION>',
    ])
  })

  it('takes its ids from the tokens', () => {
    for (const id of TASK_IDS) expect(`<${id}>`).toBe(TASKS[id].token.toLowerCase())
  })

  it('gives no name twice', () => {
    const names = TASK_IDS.flatMap((id) => [id, ...TASKS[id].names])
    expect(new Set(names).size).toBe(names.length)
  })

  it('gives people a title for each, no two alike', () => {
    expect(new Set(TASK_IDS.map((id) => TASKS[id].title)).size).toBe(TASK_IDS.length)
  })

  it('has a place for the input exactly in the prompts of tasks that take one', () => {
    for (const id of TASK_IDS) {
      const places = TASKS[id].prompt.split('{input}').length - 1
      expect([id, places]).toEqual([id, TASKS[id].takes === 'nothing' ? 0 : 1])
    }
  })

  it('sends the tags of fine-tunes as they are', () => {
    const isTag = (id: TaskId): boolean => TASKS[id].family === 'fine_tune' && id !== 'raw'
    for (const id of TASK_IDS.filter(isTag)) {
      expect(TASKS[id].prompt.replace('{input}', '')).toBe(TASKS[id].token)
    }
  })
})

describe('findTask', () => {
  it.each([
    ['<OD>', 'od'],
    ['<od>', 'od'],
    ['od', 'od'],
    ['objects', 'od'],
    ['Objects', 'od'],
    ['detailed', 'detailed_caption'],
    ['More Detailed-Caption', 'more_detailed_caption'],
    ['long', 'more_detailed_caption'],
    ['<DocVQA>', 'docvqa'],
    ['tags', 'generate_tags'],
    [' read ', 'ocr'],
  ])('finds %j', (name, id) => {
    expect(findTask(name)).toBe(id)
  })

  it.each(['', '<>', 'constructor', '__proto__', 'toString', 'captio', 'od od'])(
    'does not find %j and says what there is',
    (name) => {
      const find = (): unknown => findTask(name)
      expect(find).toThrow(FlocapError)
      expect(find).toThrow(
        expect.objectContaining({
          code: 'unknown_task',
          hint: expect.stringContaining('more_detailed_caption'),
        }),
      )
    },
  )

  it('repeats only the beginning of a long name', () => {
    expect(() => findTask('x'.repeat(1_000_000))).toThrow(/^.{1,120}$/)
  })
})

describe('isTaskId', () => {
  it('knows ids and nothing else', () => {
    expect(TASK_IDS.every(isTaskId)).toBe(true)
    for (const value of ['<OD>', 'OD', 'constructor', undefined, 3]) {
      expect(isTaskId(value)).toBe(false)
    }
  })
})
