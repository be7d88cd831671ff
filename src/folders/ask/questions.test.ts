import { describe, expect, it } from 'vitest'
import { isDrawable, parseQuestions, type QuestionOptions } from './questions.ts'

const failure = (code: string, subject: string) => expect.objectContaining({ code, subject })

describe('parseQuestions', () => {
  it('asks several tasks by any of their names, in order', () => {
    expect(parseQuestions({ task: 'objects, <CAPTION>,ocr' }).map(({ name }) => name)).toEqual([
      'od',
      'caption',
      'ocr',
    ])
  })

  it.each([
    ['caption+grounding', { kind: 'grounded', name: 'caption+grounding', caption: 'caption' }],
    ['detailed + grounding', { kind: 'grounded', name: 'detailed_caption+grounding' }],
    ['long+grounding', { kind: 'grounded', caption: 'more_detailed_caption' }],
    ['ocr+order', { kind: 'lines', name: 'ocr+order' }],
    ['ocr_with_region+order', { kind: 'lines', name: 'ocr+order' }],
  ])('knows the chain %s', (task, expected) => {
    expect(parseQuestions({ task })).toMatchObject([expected])
  })

  it.each(['od+grounding', 'caption+order', 'caption+', 'ocr+order+grounding'])(
    'refuses %s and says which chains there are',
    (task) => {
      expect(() => parseQuestions({ task })).toThrow(
        expect.objectContaining({
          code: 'unknown_task',
          hint: expect.stringContaining('caption+grounding'),
        }),
      )
    },
  )

  it('takes --ground for a chain of each task', () => {
    expect(parseQuestions({ task: 'caption,detailed', ground: true })).toEqual(
      parseQuestions({ task: 'caption+grounding,detailed+grounding' }),
    )
  })

  it('gives text and region only to the tasks that take one', () => {
    const options = { text: 'a red car', region: '0.1,0.1,0.5,0.5' }
    expect(parseQuestions({ task: 'caption,detect,region_to_category', ...options })).toEqual([
      { kind: 'task', name: 'caption', request: { task: 'caption', generation: {} } },
      {
        kind: 'task',
        name: 'open_vocabulary_detection',
        request: { task: 'open_vocabulary_detection', generation: {}, input: 'a red car' },
      },
      {
        kind: 'task',
        name: 'region_to_category',
        request: {
          task: 'region_to_category',
          generation: {},
          region: { unit: 'fraction', box: [0.1, 0.1, 0.5, 0.5] },
        },
      },
    ])
  })

  it('leaves out a text that a task can do without', () => {
    expect(parseQuestions({ task: 'description' })).toHaveLength(1)
  })

  it.each<[QuestionOptions, string, string]>([
    [{ task: 'detect' }, 'invalid_task_input', '--text'],
    [{ task: 'region_to_ocr' }, 'invalid_task_input', '--region'],
    [{ task: 'caption', text: 'x' }, 'invalid_task_input', '--text'],
    [{ task: 'caption,ocr+order', region: '1,2,30,40' }, 'invalid_task_input', '--region'],
    [{ task: 'region_to_ocr', region: '30,2,10,40' }, 'invalid_task_input', 'region'],
    [{ task: 'caption', beams: '0' }, 'invalid_request', '--beams'],
    [{ task: 'caption', beams: 'many' }, 'invalid_request', '--beams'],
    [{ task: 'caption', beams: '2', maxTokens: '1e9' }, 'invalid_request', '--max-tokens'],
  ])('refuses %j', (options, code, subject) => {
    expect(() => parseQuestions(options)).toThrow(failure(code, subject))
  })

  it('passes beams and length on to tasks and chains', () => {
    const options = { beams: '5', maxTokens: '40' }
    const generation = { numBeams: 5, maxNewTokens: 40 }
    expect(parseQuestions({ task: 'od,caption+grounding', ...options })).toMatchObject([
      { request: { generation } },
      { generation },
    ])
  })
})

describe('isDrawable', () => {
  it('is true for answers with places', () => {
    const questions = parseQuestions({ task: 'caption,od,ocr,ocr+order,caption+grounding' })
    expect(questions.map(isDrawable)).toEqual([false, true, false, true, true])
  })
})
