import { describe, expect, it } from 'vitest'
import { renderTasks } from '../../../src/http/surfaces/native/render.ts'
import { GROUP_TITLES, groupTasks, takesOf, toQuestions } from './questions.ts'

/** What the server really says. */
const tasks = renderTasks('more_detailed_caption')

function choose(...ids: readonly string[]) {
  return { tasks: ids, text: '', settings: {} }
}

describe('groupTasks', () => {
  it('shows every task of the server once, in the order of the titles', () => {
    const groups = groupTasks(tasks)
    expect(groups.map(({ group }) => group)).toEqual(Object.keys(GROUP_TITLES))
    const ids = groups.flatMap((group) => group.tasks.map(({ id }) => id))
    expect(ids.toSorted()).toEqual(tasks.tasks.map(({ id }) => id).toSorted())
  })
})

describe('toQuestions', () => {
  it('asks the chosen tasks, each with what it takes and nothing else', () => {
    const choice = {
      tasks: ['vqa', 'od', 'region_to_ocr'],
      text: ' What? ',
      settings: { num_beams: '1' },
    }
    expect(toQuestions(tasks, choice, [1, 2, 3, 4])).toEqual({
      kind: 'complete',
      settings: { num_beams: 1 },
      questions: [
        { task: 'od' },
        { task: 'region_to_ocr', region: [1, 2, 3, 4] },
        { task: 'vqa', input: 'What?' },
      ],
    })
  })

  it('leaves an empty text to tasks that have one of their own', () => {
    expect(toQuestions(tasks, choose('description'), undefined)).toEqual({
      kind: 'complete',
      settings: {},
      questions: [{ task: 'description' }],
    })
  })

  it.each([
    [[], 'task'],
    [['od', 'vqa'], 'text'],
    [['od', 'region_to_ocr'], 'region'],
  ] as const)('says what %j lacks', (ids, missing) => {
    expect(toQuestions(tasks, choose(...ids), undefined)).toEqual({ kind: 'incomplete', missing })
  })

  it('asks nothing with settings that are none', () => {
    const choice = { ...choose('od'), settings: { num_beams: '99' } }
    expect(toQuestions(tasks, choice, undefined)).toEqual({
      kind: 'incomplete',
      missing: 'settings',
    })
  })
})

describe('takesOf', () => {
  it('tells which fields are needed', () => {
    expect([...takesOf(tasks, choose('od', 'region_to_ocr'))]).toEqual(['nothing', 'region'])
  })
})
