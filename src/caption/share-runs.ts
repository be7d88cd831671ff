// Identical requests at the same time share one run, as when a page is reloaded or a client retries. Only
// an interactive request never joins a bulk run: it would wait for its turn with it.
import { FlocapError } from '../base/errors.ts'
import type {
  CaptionResult,
  CaptionTasksHooks,
  CaptionTasksRequest,
  TasksCaptioner,
} from './captioner.ts'
import { DEFAULT_PRIORITY } from './priority.ts'
import { createRequestKey } from './request-key.ts'
import { createTasksCaptioner } from './tasks-captioner.ts'

interface Run {
  /** Waits for the run, or until `hooks.signal` is aborted. The last to leave stops the run. */
  join(hooks: CaptionTasksHooks): Promise<readonly CaptionResult[]>
}

/** Tells one waiter what is new of a task's streamed text, of which `text` is all there is so far. */
type Advance = (task: number, text: string) => void

/** A captioner that runs identical requests of `captioner` only once at a time. */
export function withSharedRuns(captioner: TasksCaptioner): TasksCaptioner {
  const runs = new Map<string, Run>()

  return createTasksCaptioner(
    () => captioner.model,
    async (request, hooks = {}) => {
      const { model } = captioner
      const keys = request.tasks.map((task) => createRequestKey(model, request, task))
      const interactiveKey = keys.join(' ')
      const isBulk = (hooks.priority ?? DEFAULT_PRIORITY) === 'bulk'
      const key = isBulk ? `bulk ${interactiveKey}` : interactiveKey
      const known = runs.get(interactiveKey) ?? runs.get(key)
      if (known !== undefined) return known.join(hooks)

      const run = createRun(captioner, request, hooks, () => {
        // Another run may have taken the place of one that was given up.
        if (runs.get(key) === run) runs.delete(key)
      })
      runs.set(key, run)
      return run.join(hooks)
    },
  )
}

/**
 * The run stands in the queue as a request of the client that came first.
 *
 * @param onEnd called when nobody may join any more: the run is finished or given up.
 */
function createRun(
  captioner: TasksCaptioner,
  request: CaptionTasksRequest,
  first: CaptionTasksHooks,
  onEnd: () => void,
): Run {
  const controller = new AbortController()
  const waiters = new Set<Advance>()
  const placed = new Set(first.onWait === undefined ? [] : [first.onWait])
  const streamed = request.tasks.map(() => '')

  const finished = captioner
    .captionTasks(request, {
      signal: controller.signal,
      onWait: (ahead) => {
        for (const onWait of placed) onWait(ahead)
      },
      ...(first.client === undefined ? {} : { client: first.client }),
      ...(first.priority === undefined ? {} : { priority: first.priority }),
      ...(first.onText !== undefined
        ? { onText: (task, text) => advanceAll(task, (streamed[task] ?? '') + text) }
        : {}),
    })
    .finally(onEnd)

  function advanceAll(task: number, text: string): void {
    streamed[task] = text
    for (const advance of waiters) advance(task, text)
  }

  function leave(waiter: Advance): void {
    waiters.delete(waiter)
    if (waiters.size > 0) return
    onEnd()
    controller.abort()
  }

  return {
    async join({ signal, onText, onWait }) {
      const { promise: failed, reject: fail } = createFailure()
      const onAbort = (): void => fail(new FlocapError('cancelled', 'The request was cancelled.'))
      const advance = createAdvance(onText, fail)
      waiters.add(advance)
      if (onWait !== undefined) placed.add(onWait)
      if (signal?.aborted) onAbort()
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        for (const [task, text] of streamed.entries()) advance(task, text)
        const results = await Promise.race([failed, finished])
        // A run that was started without streaming has the whole text for those who want it.
        for (const [task, { data, text }] of results.entries()) {
          if (data.kind === 'text') advance(task, text)
        }
        return results
      } finally {
        signal?.removeEventListener('abort', onAbort)
        if (onWait !== undefined) placed.delete(onWait)
        leave(advance)
      }
    },
  }
}

/** A promise that can only fail. */
function createFailure(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = ignore
  const promise = new Promise<never>((_resolve, fail) => {
    reject = fail
  })
  return { promise, reject }
}

function ignore(): void {}

/** A hook that throws fails its own request, not the run that others wait for. */
function createAdvance(
  onText: CaptionTasksHooks['onText'],
  fail: (error: unknown) => void,
): Advance {
  const passedOn = new Map<number, number>()
  return (task, text) => {
    const news = text.slice(passedOn.get(task) ?? 0)
    if (news === '' || onText === undefined) return
    passedOn.set(task, text.length)
    try {
      onText(task, news)
    } catch (error) {
      fail(error)
    }
  }
}
