// How a failed request is logged, whether or not its answer had begun.
import type { LogFields, Logger } from '../base/log.ts'
import type { FlocapError } from '../base/errors.ts'
import { errorText } from './errors.ts'

/** A fault of ours with everything that is known about it; a caller's mistake by its cause alone. */
export function logFailure(logger: Logger, error: FlocapError, fields: LogFields = {}): void {
  const { code, cause } = error
  if (code === 'internal_error') logger.error({ ...fields, code, err: error }, errorText(error))
  else if (code !== 'cancelled') logger.warn({ ...fields, code, cause }, errorText(error))
}
