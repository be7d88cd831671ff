// One call of a tool over the captioner: pictures by any of their ways, waiting for the model,
// progress, cancelling.
import { setTimeout as sleep } from 'node:timers/promises'
import { FlocapError } from '../base/errors.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { isWebAddress } from '../http/image-url/image-url.ts'
import type { TellProgress } from './progress.ts'
import type { Caller, McpServices } from './services.ts'
import type { ToolCall } from './tool.ts'

/** How often a model that is not ready yet is looked at. */
const LOOK_MS = 250
/** Clients give up a call that says nothing for a minute; some after ten seconds. */
const SIGN_OF_LIFE_MS = 2_000
/** A large model compiles for some minutes; a download takes longer, and is said instead. */
const MAX_WAIT_MS = 10 * 60_000

export function createToolCall(
  services: McpServices,
  caller: Caller,
  tell: TellProgress,
  signal: AbortSignal,
): ToolCall {
  async function captioner(): Promise<TasksCaptioner> {
    await untilLoaded(services, tell, signal)
    return services.captioner()
  }

  return {
    async readPicture(source, field) {
      signal.throwIfAborted()
      const text = source.trimStart().slice(0, 16).toLowerCase()
      return text.startsWith('data:') || isWebAddress(source)
        ? caller.readImage(source, field, signal)
        : services.folders.read(source, field)
    },

    async ask(picture, tasks, label) {
      const lead = label === undefined ? '' : `${label}: `
      const words = tasks.map(() => '')
      const answering = await captioner()
      tell(`${lead}Looking at the picture.`)
      return answering.captionTasks(
        { picture, tasks },
        {
          signal,
          client: caller.client,
          onWait: (ahead) => tell(`${lead}Waiting: ${ahead + 1} in the queue.`, true),
          onText(task, text) {
            words[task] = (words[task] ?? '') + text
            tell(`${lead}${words.filter((each) => each !== '').join(' ')}`)
          },
        },
      )
    },

    async draw(picture, data, size) {
      if (services.draw === undefined) {
        throw new FlocapError('invalid_request', 'Expected false for annotate, got true.', {
          subject: 'annotate',
          hint: 'This server cannot draw.',
        })
      }
      return services.draw('preview', picture, { data, size }, signal)
    },

    modelId: async () => (await captioner()).model.id,
  }
}

/** A model that failed, or is busy, has an error of its own, which the captioner throws. */
async function untilLoaded(
  { readiness }: McpServices,
  tell: TellProgress,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now()
  let told = -SIGN_OF_LIFE_MS
  for (;;) {
    const state = readiness()
    const waited = performance.now() - began
    const loads = !state.ready && (state.status ?? 'loading') === 'loading'
    if (!loads || waited > MAX_WAIT_MS) return
    if (waited - told >= SIGN_OF_LIFE_MS) {
      told = waited
      const what = state.reason === 'loading' ? 'The model is being loaded' : state.reason
      tell(`${what} (${Math.round(waited / 1000)} s).`, true)
    }
    await sleep(LOOK_MS, undefined, { signal })
  }
}
