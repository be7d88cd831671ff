// The batches of a FloCap elsewhere: to make them, to see how far they are, and to end them.
import type { z } from 'zod'
import { Batch, BatchList, type BatchRequest } from '../http/surfaces/batches/schema.ts'
import { askV1, type V1Request, type V1Server } from './ask-v1.ts'

export type RemoteBatch = z.infer<typeof Batch>
export type RemoteBatchRequest = z.input<typeof BatchRequest>

export interface RemoteBatches {
  /** @throws FlocapError not_found, queue_full. */
  create(batch: RemoteBatchRequest): Promise<RemoteBatch>
  /** All of this key, the newest first. */
  list(): AsyncIterable<RemoteBatch>
  /** @throws FlocapError not_found. */
  show(id: string): Promise<RemoteBatch>
  /** @throws FlocapError not_found; invalid_request when it is over. */
  cancel(id: string): Promise<RemoteBatch>
}

/** As many as the server gives at once. */
const DEFAULT_PAGE = 100

export interface RemoteBatchesOptions extends V1Server {
  /** Ends every request. */
  readonly signal?: AbortSignal | undefined
  /** Smaller in tests. */
  readonly pageSize?: number
}

/** Every call throws a FlocapError of what the server says, or `engine_failed` where none answers. */
export function createRemoteBatches(options: RemoteBatchesOptions): RemoteBatches {
  const { pageSize = DEFAULT_PAGE, signal } = options

  async function ask(
    method: 'GET' | 'POST',
    path: string,
    more: Pick<V1Request, 'body' | 'contentType'> = {},
  ): Promise<unknown> {
    const response = await askV1(options, { method, path: `/batches${path}`, signal, ...more })
    return response.json()
  }

  return {
    async create(batch) {
      const body = JSON.stringify(batch)
      return Batch.parse(await ask('POST', '', { body, contentType: 'application/json' }))
    },
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

/** Whether nothing more happens to it. */
export function hasEnded({ status }: Pick<RemoteBatch, 'status'>): boolean {
  return ENDED.has(status)
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'expired', 'cancelled'])
