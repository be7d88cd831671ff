// Who sent a request, for the queue in front of the model: its address, and its API key.
//
// Surfaces pass a captioner the request's signal and nothing about its sender; the client travels
// beside them in the asynchronous context, so that no dialect can forget it.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ModelDescription } from '../caption/ports.ts'
import type { Priority } from '../caption/priority.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'

interface Sender {
  readonly client: string
  /** Over what the request itself says. */
  readonly priority?: Priority
}

interface Sent {
  readonly sender: Sender
  /** Of its last answer. */
  model: ModelDescription | undefined
}

const requests = new AsyncLocalStorage<Sent>()

/** Everything that `work` asks a captioner of `withRequestClient` counts as asked by `client`. */
export function runForClient<T>(client: string, work: () => T, priority?: Priority): T {
  const sender = { client, ...(priority === undefined ? {} : { priority }) }
  return requests.run({ sender, model: undefined }, work)
}

/** Who is asking and in which class, as far as that is known: hooks for a queue. */
export function currentSender(): Partial<Sender> {
  return requests.getStore()?.sender ?? {}
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

/**
 * A captioner that tells `captioner` which HTTP client asks. Its `model` is the one that has answered the
 * request, where one has: another one may be served by then.
 */
export function withRequestClient(captioner: TasksCaptioner): TasksCaptioner {
  return createTasksCaptioner(
    () => requests.getStore()?.model ?? captioner.model,
    async (request, hooks = {}) => {
      const { client, ...priority } = currentSender()
      const results = await captioner.captionTasks(request, {
        ...(client === undefined ? {} : { client }),
        ...hooks,
        ...priority,
      })
      const sent = requests.getStore()
      if (sent !== undefined) sent.model = results[0]?.model
      return results
    },
  )
}
