// Who sent a request, for the queue in front of the model: its API key or its address.
//
// Surfaces pass a captioner the request's signal and nothing about its sender; the client travels
// beside them in the asynchronous context, so that no dialect can forget it.
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'
import { keyOf } from './guards/key.ts'

const clients = new AsyncLocalStorage<string>()

/** Everything that `work` asks a captioner of `withRequestClient` counts as asked by `client`. */
export function runForClient<T>(client: string, work: () => T): T {
  return clients.run(client, work)
}

/** A key stands for one client behind any number of addresses; it is kept as a hash only. */
export function clientOf(headers: Headers, address: string | undefined): string {
  const key = keyOf(headers)
  if (key === undefined) return address ?? ''
  return createHash('sha256').update(key).digest('base64')
}

/** A captioner that tells `captioner` which HTTP client asks. */
export function withRequestClient(captioner: TasksCaptioner): TasksCaptioner {
  return createTasksCaptioner(
    () => captioner.model,
    async (request, hooks = {}) => {
      const client = hooks.client ?? clients.getStore()
      return captioner.captionTasks(request, {
        ...hooks,
        ...(client === undefined ? {} : { client }),
      })
    },
  )
}
