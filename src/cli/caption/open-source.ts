// Who captions in a run: what the library stands on, with what the terminal says and asks.
import type { AskAhead } from '../../caption/ask-ahead.ts'
import type { Priority } from '../../caption/priority.ts'
import { connectBulk } from '../../client/bulk/connect-bulk.ts'
import type { Settings } from '../../config/settings.ts'
import { type Backend, openBackend } from '../../library/backend.ts'
import { startOptions } from '../start-options.ts'
import { type BulkNews, createBulkNews } from './bulk-news.ts'
import type { CaptionFlags } from './options.ts'

const DEMO_NOTICE = 'flocap: answers of the demo model, which knows drawn scenes and nothing else'

export interface Source extends Backend {
  readonly askAhead?: AskAhead
  /** Of its batches. */
  readonly news: BulkNews
}

/**
 * @param priority on a server that others use too. @param asksOnce as for `StartOptions`.
 * @throws FlocapError when the model's name means nothing, nothing answers at the address, or it takes no
 *   batches.
 */
export async function openSource(
  settings: Settings,
  { server, batch }: Pick<CaptionFlags, 'server' | 'batch'>,
  priority: Priority,
  asksOnce: boolean = false,
): Promise<Source> {
  const backend = await openBackend(settings, { server, priority, asksOnce, ...startOptions() })
  const news = createBulkNews()
  const source: Source = {
    ...backend,
    news,
    async start() {
      const captioner = await backend.start()
      if (captioner.model.demo) console.error(DEMO_NOTICE)
      return captioner
    },
  }
  if (batch !== true || server === undefined) return source
  const {
    apiKey: [apiKey],
  } = settings
  const connected = { url: server.replace(/\/+$/, ''), apiKey }
  await source.start()
  return { ...source, askAhead: await connectBulk(connected, (event) => news.emit('bulk', event)) }
}
