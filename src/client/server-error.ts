// What a FloCap elsewhere says is wrong, as the error that one of this process would throw.
import { FlocapError, isErrorCode } from '../base/errors.ts'
import { ErrorResponse } from '../http/surfaces/native/schema.ts'
import { ErrorResponse as OpenaiErrorResponse } from '../http/surfaces/openai/schema.ts'

/** What a server says is not waited for without end. */
const MAX_PAUSE_SECONDS = 60

/** @param text the body of an error, in FloCap's own dialect unless `read` knows another. */
export function toServerError(
  text: string,
  { headers, status }: Pick<Response, 'headers' | 'status'>,
  read: ReadError = readOwnError,
): FlocapError {
  const after = Number(headers.get('retry-after') ?? NaN)
  const retryAfter = Number.isFinite(after)
    ? { retryAfterSeconds: Math.min(Math.max(after, 0), MAX_PAUSE_SECONDS) }
    : {}
  const parsed = read(parse(text))
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

type ServerError = Pick<ErrorResponse['error'], 'code' | 'message' | 'hint' | 'subject'>

/** Of one dialect; undefined for what is no error of it. */
type ReadError = (body: unknown) => ServerError | undefined

const readOwnError: ReadError = (body) => ErrorResponse.safeParse(body).data?.error

/** Its message ends with the hint. */
export const readOpenaiError: ReadError = (body) => {
  const { data } = OpenaiErrorResponse.safeParse(body)
  if (data === undefined) return undefined
  const { code, message, param } = data.error
  return { code: code ?? '', message, hint: null, subject: param }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
