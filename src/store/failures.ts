// Which error code each way of not getting a model carries: the one place to change it.
import { type ErrorCode, FlocapError, type FlocapErrorOptions } from '../base/errors.ts'

const CODES = {
  /** No such model, and nothing to fetch it from. */
  absent: 'model_not_found',
  /** The repository wants a login, or terms to be accepted. */
  denied: 'model_access_denied',
  /** The network, the Hub or a mirror failed; trying again may help. */
  download: 'model_download_failed',
  /** The file system has no room. */
  space: 'disk_full',
  /** Files are there and are not what they should be. */
  damaged: 'invalid_model',
  /** Another process is at it. */
  busy: 'model_loading',
  setting: 'invalid_setting',
  cancelled: 'cancelled',
} as const satisfies Record<string, ErrorCode>

export type StoreFailure = keyof typeof CODES

export function storeError(
  failure: StoreFailure,
  message: string,
  options: FlocapErrorOptions = {},
): FlocapError {
  return new FlocapError(CODES[failure], message, options)
}
