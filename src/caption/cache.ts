// Remembers finished answers: the same question about the same picture is answered at once.
import { createByteLru } from '../base/byte-lru.ts'
import type { CaptionResult, TasksCaptioner } from './captioner.ts'
import { createRequestKey } from './request-key.ts'
import { createTasksCaptioner } from './tasks-captioner.ts'

export interface CacheOptions {
  /** Bytes of answers to keep; 0 switches the cache off. Pictures are not kept. */
  readonly maxBytes: number
}

/** A JavaScript string takes up to two bytes a character, an entry some hundred more for itself. */
const BYTES_PER_CHARACTER = 2
const ENTRY_BYTES = 300

/**
 * A captioner that remembers the answers of `captioner`. Every task of a request is remembered by
 * itself: only those that are not known yet run, still in one pass. Failures are not remembered.
 */
export function withCache(captioner: TasksCaptioner, { maxBytes }: CacheOptions): TasksCaptioner {
  if (maxBytes <= 0) return captioner
  const answers = createByteLru<CaptionResult>(maxBytes, estimateBytes)

  return createTasksCaptioner(
    () => captioner.model,
    async (request, hooks = {}) => {
      const { tasks } = request
      const { model } = captioner
      const keys = tasks.map((task) => createRequestKey(model, request, task))
      const results = keys.map((key) => answers.get(key))
      for (const [task, result] of results.entries()) {
        if (result?.data.kind === 'text') hooks.onText?.(task, result.text)
      }
      const missing = [...results.keys()].filter((index) => results[index] === undefined)
      const { onText } = hooks
      // A request without tasks is for the captioner to refuse.
      const fresh =
        missing.length === 0 && tasks.length > 0
          ? []
          : await captioner.captionTasks(
              { ...request, tasks: tasks.filter((_, index) => missing.includes(index)) },
              {
                ...hooks,
                ...(onText === undefined
                  ? {}
                  : { onText: (task, text) => onText(missing[task] ?? task, text) }),
              },
            )
      for (const [order, result] of fresh.entries()) {
        const index = missing[order] ?? order
        results[index] = result
        const task = tasks[index]
        // Another model may have answered than was served when the request came.
        if (task !== undefined) {
          answers.set(createRequestKey(result.model, request, task), toCachedResult(result))
        }
      }
      return results.filter((result) => result !== undefined)
    },
  )
}

/** As it will be given next time: nothing ran then. */
function toCachedResult(result: CaptionResult): CaptionResult {
  return { ...result, timings: { picture: 0, vision: 0, prefill: 0, decode: 0 }, cached: true }
}

function estimateBytes(key: string, result: CaptionResult): number {
  return ENTRY_BYTES + BYTES_PER_CHARACTER * (key.length + JSON.stringify(result).length)
}
