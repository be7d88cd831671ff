// How lines are read and answered: by the code that reads and answers requests. The HTTP layer is behind
// this port, so that a line has no other meaning than the same request would have.
import type { Endpoint } from './objects.ts'

export interface LineReader {
  /** @throws FlocapError for what is no JSON, within the limits of a request. */
  read(line: Uint8Array): Promise<ReadLine>
}

export interface ReadLine {
  /** What stands in the line, before anything of it is checked. */
  readonly fields: unknown
  /** @param request.body a part of `fields`. @throws only when it is aborted. */
  answer(request: LineRequest): Promise<LineAnswer>
}

export interface LineRequest {
  readonly endpoint: Endpoint
  readonly body: unknown
  readonly owner: string
  readonly signal: AbortSignal
}

/** As HTTP would have it. */
export interface LineAnswer {
  readonly status: number
  readonly requestId: string
  readonly body: unknown
}
