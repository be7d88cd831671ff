// Who captions in a run: what the library stands on, with what the terminal says and asks.
import type { Priority } from '../../caption/priority.ts'
import type { Settings } from '../../config/settings.ts'
import { type Backend, openBackend } from '../../library/backend.ts'
import { startOptions } from '../start-options.ts'
import type { CaptionFlags } from './options.ts'

const DEMO_NOTICE = 'flocap: answers of the demo model, which knows drawn scenes and nothing else'

/**
 * @param priority on a server that others use too. @param asksOnce as for `StartOptions`.
 * @throws FlocapError when the model's name means nothing, or nothing answers at the address.
 */
export async function openSource(
  settings: Settings,
  { server }: Pick<CaptionFlags, 'server'>,
  priority: Priority,
  asksOnce: boolean = false,
): Promise<Backend> {
  const backend = await openBackend(settings, { server, priority, asksOnce, ...startOptions() })
  return {
    ...backend,
    async start() {
      const captioner = await backend.start()
      if (captioner.model.demo) console.error(DEMO_NOTICE)
      return captioner
    },
  }
}
