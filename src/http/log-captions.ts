// One line in the log for each caption: the task, how much came back, how long it took. What else is
// asked of a server (files of the page, polls, health) is for --debug.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Logger } from '../base/log.ts'
import type { CaptionResult, TasksCaptioner } from '../caption/captioner.ts'
import { toFindings } from '../caption/findings.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'

/** The message of these lines, by which a reader of the log knows them. */
export const CAPTIONED = 'captioned'

const loggers = new AsyncLocalStorage<Logger>()

/** Captions that `work` asks for are logged by `logger`, which knows the request. */
export function runWithLogger<T>(logger: Logger, work: () => T): T {
  return loggers.run(logger, work)
}

/** A captioner that logs what `captioner` answers. @param logger for captions outside of a request. */
export function withCaptionLog(captioner: TasksCaptioner, logger: Logger): TasksCaptioner {
  return createTasksCaptioner(
    () => captioner.model,
    async (request, hooks) => {
      const began = performance.now()
      const results = await captioner.captionTasks(request, hooks)
      const ms = Math.round(performance.now() - began)
      for (const result of results) {
        ;(loggers.getStore() ?? logger).info({ ...describe(result), ms }, CAPTIONED)
      }
      return results
    },
  )
}

function describe({ task, text, data, cached }: CaptionResult) {
  const amount =
    data.kind === 'text'
      ? { words: text.split(/\s+/).filter((word) => word !== '').length }
      : { found: toFindings(data).length }
  return { task, ...amount, ...(cached ? { cached } : {}) }
}
