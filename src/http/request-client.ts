// Who sent a request, for the queue in front of the model: its address, and its API key.
//
// Surfaces pass a captioner the request's signal and nothing about its sender; the client travels
// beside them in the asynchronous context, so that no dialect can forget it.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'

const clients = new AsyncLocalStorage<string>()

/** Everything that `work` asks a captioner of `withRequestClient` counts as asked by `client`. */
export function runForClient<T>(client: string, work: () => T): T {
  return clients.run(client, work)
}

/** The client that is asking, where that is known. */
export function currentClient(): string | undefined {
  return clients.getStore()
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
      const client = hooks.client ?? currentClient()
      return captioner.captionTasks(request, {
        ...hooks,
        ...(client === undefined ? {} : { client }),
      })
    },
  )
}
