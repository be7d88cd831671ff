import { describe, expect, it } from 'vitest'
import { TASK_IDS, TASKS } from '../../../src/caption/tasks.ts'
import { taskHelp } from './task-help.ts'

describe('the help of a task', () => {
  it.each(TASK_IDS)('%s is a sentence that says what to give, where it takes something', (id) => {
    const help = taskHelp(id) ?? ''
    expect(help).toMatch(/^[A-Z].*[.”]$/)
    if (TASKS[id].takes === 'region') expect(help).toContain('Draw')
  })

  it('is none for a task that this page does not know', () => {
    expect(taskHelp('constructor')).toBeUndefined()
  })
})
