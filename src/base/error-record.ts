// Errors as plain data, for a log and for the way from one process to another.
//
// `message`, `stack` and `cause` of an Error cannot be enumerated and structured clone drops `code`,
// so JSON makes `{}` of an error and a message between processes loses half of it.

/** Causes of causes that are kept: a chain may lead back to its start. */
const MAX_DEPTH = 8

export interface ErrorRecord {
  readonly name: string
  readonly message: string
  /** Of a FlocapError, of Node (ENOENT), of a library. */
  readonly code?: string | number
  readonly stack?: string
  readonly cause?: ErrorRecord
  /** Of an AggregateError. */
  readonly errors?: readonly ErrorRecord[]
}

/** What was thrown, an Error or not, with the chain of its causes. */
export function toErrorRecord(thrown: unknown, depth: number = MAX_DEPTH): ErrorRecord {
  if (!(thrown instanceof Error)) return { name: typeof thrown, message: String(thrown) }
  const { name, message, stack, cause } = thrown
  const code = 'code' in thrown ? thrown.code : undefined
  const within = thrown instanceof AggregateError ? thrown.errors : []
  return {
    name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth <= 1 ? {} : { cause: toErrorRecord(cause, depth - 1) }),
    ...(within.length === 0 || depth <= 1
      ? {}
      : { errors: within.slice(0, MAX_DEPTH).map((error) => toErrorRecord(error, depth - 1)) }),
  }
}

/** An Error that `toErrorRecord` makes the same record of. */
export function fromErrorRecord({ name, message, code, stack, cause, errors }: ErrorRecord): Error {
  const options = cause === undefined ? {} : { cause: fromErrorRecord(cause) }
  const error =
    errors === undefined
      ? new Error(message, options)
      : new AggregateError(errors.map(fromErrorRecord), message, options)
  // Its own stack would lead here.
  Object.assign(error, { name, stack, ...(code === undefined ? {} : { code }) })
  return error
}

/** The fields of a log line with every error in them, at any depth, as a record. */
export function recordErrors(
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, recordErrorsIn(value)]),
  )
}

function recordErrorsIn(value: unknown, depth: number = MAX_DEPTH): unknown {
  if (value instanceof Error) return toErrorRecord(value)
  if (depth === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => recordErrorsIn(item, depth - 1))
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, recordErrorsIn(item, depth - 1)]),
  )
}
