// What went wrong, in words for the person at the page.
import { DialectError, ErrorResponse } from './wire.ts'

/** Codes are the API's; `unreachable` and `unreadable` are what only a client can see. */
export class Problem extends Error {
  readonly code: string
  /** What to do about it. */
  readonly hint: string | undefined
  /** Whether the same request can succeed later. */
  readonly retry: boolean

  constructor(code: string, message: string, options: { hint?: string; retry?: boolean } = {}) {
    super(message)
    this.name = 'Problem'
    this.code = code
    this.hint = options.hint
    this.retry = options.retry ?? false
  }
}

/** Of the body of an error answer, or of the `error` event of a stream. */
export function readProblem(body: unknown, status?: number): Problem {
  const { data } = ErrorResponse.safeParse(body)
  const { data: inDialect } = DialectError.safeParse(body)
  if (data === undefined && inDialect !== undefined) {
    const { code, message } = inDialect.error
    return new Problem(code, message, { retry: true })
  }
  if (data === undefined) {
    const how = status === undefined ? '' : ` with status ${status}`
    return new Problem('unreadable', `Something between here and FloCap answered${how}.`, {
      hint: 'If there is a proxy in front of FloCap, look at its log.',
      retry: true,
    })
  }
  const { code, message, hint, retry } = data.error
  return new Problem(code, message, {
    ...(hint === null ? {} : { hint }),
    retry: retry !== 'never',
  })
}

/** Of anything thrown while asking the server. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  // What fetch throws when there is no answer, and a stream that breaks off.
  if (thrown instanceof TypeError) {
    return new Problem('unreachable', 'FloCap does not answer.', {
      hint: 'Look at the terminal it was started in; it may have been stopped.',
      retry: true,
    })
  }
  return new Problem('unreadable', 'The answer of the server could not be read.', {
    hint: 'Reload the page: server and page may be of different versions.',
  })
}
