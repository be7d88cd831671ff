// The batches of a FloCap elsewhere: to see how far they are, and to end them.
import type { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import { Batch, BatchList } from '../http/surfaces/batches/schema.ts'
import type { RemoteOptions } from './ask-server.ts'
import { readOpenaiError, toServerError } from './server-error.ts'

export type RemoteBatch = z.infer<typeof Batch>

export interface RemoteBatches {
  /** All of this key, the newest first. */
  list(): AsyncIterable<RemoteBatch>
  /** @throws FlocapError not_found. */
  show(id: string): Promise<RemoteBatch>
  /** @throws FlocapError not_found; invalid_request when it is over. */
  cancel(id: string): Promise<RemoteBatch>
}

/** As many as the server gives at once. */
const DEFAULT_PAGE = 100

export interface RemoteBatchesOptions extends Pick<RemoteOptions, 'url' | 'apiKey'> {
  /** Smaller in tests. */
  readonly pageSize?: number
}

/** Every call throws a FlocapError of what the server says, or `engine_failed` where none answers. */
export function createRemoteBatches(options: RemoteBatchesOptions): RemoteBatches {
  const { pageSize = DEFAULT_PAGE } = options

  async function ask(method: 'GET' | 'POST', path: string): Promise<unknown> {
    const { url, apiKey } = options
    let response: Response
    try {
      response = await fetch(`${url.replace(/\/+$/, '')}/v1/batches${path}`, {
        method,
        headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      })
    } catch (cause) {
      throw new FlocapError('engine_failed', `No server answers at ${url}.`, {
        subject: '--server',
        hint: 'Check the address, and that FloCap is running there.',
        cause,
      })
    }
    const text = await response.text()
    if (!response.ok) throw toServerError(text, response, readOpenaiError)
    return JSON.parse(text)
  }

  return {
    async *list() {
      for (let after: string | null = null, more = true; more;) {
        const from: string = after === null ? '' : `&after=${after}`
        const page: z.infer<typeof BatchList> = BatchList.parse(
          await ask('GET', `?limit=${pageSize}${from}`),
        )
        yield* page.data
        after = page.last_id
        more = page.has_more
      }
    },
    show: async (id) => Batch.parse(await ask('GET', `/${encodeURIComponent(id)}`)),
    cancel: async (id) => Batch.parse(await ask('POST', `/${encodeURIComponent(id)}/cancel`)),
  }
}
