// Requests from inside of the server: the lines of batches. They go through the same application as those
// from outside, and are read by the same code; only the guards know them already.
import type { LineReader } from '../batches/line-reader.ts'
import type { HttpApp } from './app.ts'
import { parseJson } from './body/json.ts'
import { createLongTexts, type LongTexts } from './body/long-texts.ts'

/** Given beside the request, where nothing that comes over a socket can stand. */
export interface InProcessRequest {
  readonly client: string
  readonly owner: string
  /** As JSON that was read before. */
  readonly body: unknown
  readonly longTexts: LongTexts
}

/** Reads and answers lines of batches as requests of `app`, in bulk. */
export function createLineReader(app: HttpApp): LineReader {
  return {
    async read(bytes) {
      const longTexts = createLongTexts()
      const fields = await parseJson(bytes, longTexts)
      return {
        fields,
        async answer({ endpoint, body, owner, signal }) {
          const request = new Request(`http://localhost${endpoint}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            signal,
          })
          const inProcess = { client: `batches ${owner}`, owner, body, longTexts }
          const response = await app.fetch(request, { inProcess })
          return {
            status: response.status,
            requestId: response.headers.get('x-request-id') ?? '',
            body: await response.json(),
          }
        },
      }
    },
  }
}
