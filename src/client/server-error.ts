// What a FloCap elsewhere says is wrong, as the error that one of this process would throw.
import { type ErrorCode, ERROR_CODES, FlocapError } from '../base/errors.ts'
import { ErrorResponse } from '../http/surfaces/native/schema.ts'

/** What a server says is not waited for without end. */
const MAX_PAUSE_SECONDS = 60

/** @param text the body of an error of FloCap's own API. */
export function toServerError(text: string, { headers, status }: Response): FlocapError {
  const after = Number(headers.get('retry-after') ?? NaN)
  const retryAfter = Number.isFinite(after)
    ? { retryAfterSeconds: Math.min(Math.max(after, 0), MAX_PAUSE_SECONDS) }
    : {}
  const parsed = parseError(text)
  if (parsed === undefined || !isErrorCode(parsed.code)) {
    return new FlocapError('internal_error', `The server answered ${status}.`, {
      hint: 'Is this the address of a FloCap?',
      subject: '--server',
    })
  }
  const { code, message, hint, subject } = parsed
  const isKey = code === 'unauthorized'
  return new FlocapError(code, message, {
    ...(isKey
      ? { hint: 'Put the key of the server into FLOCAP_API_KEY.' }
      : hint === null
        ? {}
        : { hint }),
    ...(subject === null ? {} : { subject }),
    ...retryAfter,
  })
}

function parseError(text: string): ErrorResponse['error'] | undefined {
  try {
    return ErrorResponse.safeParse(JSON.parse(text)).data?.error
  } catch {
    return undefined
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}
