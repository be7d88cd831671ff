// Everything a captioner does is answering several tasks at once; one task is the case of one.
import { FlocapError } from '../base/errors.ts'
import type { CaptionRequest, CaptionTasksRequest, TasksCaptioner } from './captioner.ts'
import type { ModelDescription } from './ports.ts'

/** A captioner whose `caption` is `captionTasks` with a single task. */
export function createTasksCaptioner(
  getModel: () => ModelDescription,
  captionTasks: TasksCaptioner['captionTasks'],
): TasksCaptioner {
  return {
    get model() {
      return getModel()
    },
    captionTasks,
    async caption(request, { signal, client, priority, onText } = {}) {
      const [result] = await captionTasks(toTasksRequest(request), {
        ...(signal === undefined ? {} : { signal }),
        ...(client === undefined ? {} : { client }),
        ...(priority === undefined ? {} : { priority }),
        ...(onText === undefined ? {} : { onText: (_task, text) => onText(text) }),
      })
      if (result === undefined) {
        throw new FlocapError('internal_error', 'The captioner gave no result for a task.')
      }
      return result
    },
  }
}

function toTasksRequest(request: CaptionRequest): CaptionTasksRequest {
  const { picture, applyOrientation, background, ...task } = request
  return {
    picture,
    ...(applyOrientation === undefined ? {} : { applyOrientation }),
    ...(background === undefined ? {} : { background }),
    tasks: [task],
  }
}
