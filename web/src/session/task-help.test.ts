import { describe, expect, it } from 'vitest'
import { TASK_IDS, TASKS } from '../../../src/caption/tasks.ts'
import { taskHelp } from './task-help.ts'

describe('the help of a task', () => {
  it.each(TASK_IDS)('%s is a sentence and an example', (id) => {
    const help = taskHelp(id)
    expect(help?.does).toMatch(/^[A-Z][^.]+\.$/)
    expect(help?.example).toMatch(/\S/)
    const { takes } = TASKS[id]
    if (takes === 'region') expect(help?.does).toMatch(/^Draw a box/)
    // What is given and what comes of it.
    if (takes !== 'nothing') expect(help?.example).toMatch(/\S → \S/)
  })

  it('is none for a task that this page does not know', () => {
    expect(taskHelp('constructor')).toBeUndefined()
  })
})
