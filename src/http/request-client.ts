// Who sent a request, for the queue in front of the model: its address, and its API key.
//
// Surfaces pass a captioner the request's signal and nothing about its sender; the client travels
// beside them in the asynchronous context, so that no dialect can forget it.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Priority } from '../caption/priority.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'

interface Sender {
  readonly client: string
  /** Over what the request itself says. */
  readonly priority?: Priority
}

const senders = new AsyncLocalStorage<Sender>()

/** Everything that `work` asks a captioner of `withRequestClient` counts as asked by `client`. */
export function runForClient<T>(client: string, work: () => T, priority?: Priority): T {
  return senders.run({ client, ...(priority === undefined ? {} : { priority }) }, work)
}

/** Who is asking and in which class, as far as that is known: hooks for a queue. */
export function currentSender(): Partial<Sender> {
  return senders.getStore() ?? {}
}

/**
 * A machine, by the key that it has shown, if one was asked for: machines that share a key take turns, and
 * what nobody has checked makes no new client.
 *
 * @param checkedKey its hash.
 */
export function clientOf(checkedKey: string | undefined, address: string | undefined): string {
  return `${checkedKey ?? ''} ${address ?? ''}`
}

/** A captioner that tells `captioner` which HTTP client asks. */
export function withRequestClient(captioner: TasksCaptioner): TasksCaptioner {
  return createTasksCaptioner(
    () => captioner.model,
    async (request, hooks = {}) => {
      const { client, ...priority } = currentSender()
      return captioner.captionTasks(request, {
        ...(client === undefined ? {} : { client }),
        ...hooks,
        ...priority,
      })
    },
  )
}
