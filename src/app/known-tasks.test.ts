// The registry says which tasks of fine-tunes a model has, in words that the caption layer knows.
import { expect, it } from 'vitest'
import { isTaskId, TASKS } from '../caption/tasks.ts'
import { KNOWN_MODELS } from '../store/registry.ts'

it.each(KNOWN_MODELS.filter(({ fineTuneTasks }) => fineTuneTasks !== undefined))(
  'lists tasks of fine-tunes for $name',
  ({ fineTuneTasks = [] }) => {
    for (const task of fineTuneTasks) {
      expect(isTaskId(task) && TASKS[task].family).toBe('fine_tune')
    }
  },
)
