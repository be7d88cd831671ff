// From an error code to HTTP: status, reason phrase and the headers that steer retries.
//
// The body is each surface's own; see surfaces/*/errors.ts.
import { STATUS_CODES } from 'node:http'
import type { ErrorCode, FlocapError } from '../base/errors.ts'
import { ERROR_CODES } from '../base/errors.ts'

/** nginx's number for a client that went away; nobody reads it except the log. */
const CLIENT_CLOSED_REQUEST = 499

/** Seconds to wait when the error itself does not know: about one caption on a slow machine. */
const DEFAULT_RETRY_AFTER_SECONDS = 5

/**
 * 4xx for what the caller can change, 503 for what time changes. 422 and 429 are avoided: clients
 * give them meanings of their own (validation lists, exhausted quotas).
 */
export const STATUS = {
  invalid_json: 400,
  invalid_request: 400,
  body_too_large: 413,
  body_timeout: 408,
  too_many_headers: 431,
  expectation_failed: 417,
  not_found: 404,
  method_not_allowed: 405,
  unauthorized: 401,
  forbidden_host: 403,
  forbidden_origin: 403,

  missing_image: 400,
  too_many_images: 400,
  empty_image_file: 400,
  invalid_base64_image: 400,
  invalid_image_url: 400,
  // 400 for whatever goes wrong behind an image URL: SDKs would repeat a 5xx, and with it the fetch.
  image_url_not_allowed: 400,
  image_path_not_allowed: 400,
  image_address_refused: 400,
  image_file_not_found: 400,
  image_file_too_large: 400,
  image_download_timeout: 400,
  failed_to_download_image: 400,
  unsupported_image_format: 400,
  invalid_image: 400,
  image_too_large: 400,
  image_rejected: 400,

  unknown_task: 400,
  invalid_task_input: 400,
  prompt_too_long: 400,

  invalid_schema: 400,
  unanswerable: 400,

  too_many_connections: 503,
  queue_full: 503,
  queue_timeout: 503,
  run_timeout: 504,
  model_loading: 503,
  empty_answer: 500,
  empty_caption: 400,
  engine_failed: 503,
  closed: 503,
  cancelled: CLIENT_CLOSED_REQUEST,
  internal_error: 500,

  file_not_written: 500,

  storage_full: 507,
  batches_elsewhere: 503,
  queue_waits: 503,

  models_forbidden: 403,
  models_busy: 409,

  invalid_setting: 500,
  model_not_found: 404,
  model_access_denied: 500,
  model_download_failed: 503,
  disk_full: 500,
  invalid_model: 500,
  device_unavailable: 500,
  port_in_use: 500,
} as const satisfies Record<ErrorCode, number>

/** What a person reads: the message and, where there is one, what to do about it. */
export function errorText(error: FlocapError): string {
  return error.hint === undefined ? error.message : `${error.message} ${error.hint}`
}

/**
 * Some clients show a user nothing but the reason phrase, so it carries the meaning of the code.
 * It is fixed text of the table: nothing of the request can reach a header.
 */
export function reasonPhrase(error: FlocapError): string {
  const status = STATUS[error.code]
  const name = STATUS_CODES[status] ?? 'Client Closed Request'
  return `${name}: ${ERROR_CODES[error.code].meaning}`
}

/** Answers to bodies of which a part is not read. */
const CUT_OFF: ReadonlySet<ErrorCode> = new Set(['body_too_large', 'body_timeout', 'storage_full'])

/**
 * OpenAI's SDKs retry every 5xx twice unless `x-should-retry` forbids it; a fault that comes again
 * would cost three model runs.
 */
export function errorHeaders(error: FlocapError): Record<string, string> {
  const headers: Record<string, string> = {}
  if (error.retry === 'never') headers['x-should-retry'] = 'false'
  if (error.retry === 'later' && STATUS[error.code] >= 500) {
    headers['retry-after'] = String(
      Math.ceil(error.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS),
    )
  }
  if (error.code === 'unauthorized') headers['www-authenticate'] = 'Bearer realm="FloCap"'
  // The rest of a refused body is not read to its end, so the connection cannot be used again.
  if (CUT_OFF.has(error.code)) {
    headers['connection'] = 'close'
  }
  return headers
}
