// The headers that let an allowed web page read an answer, on every answer, errors included: a
// browser shows a page "Failed to fetch" for an answer without them and hides the reason.

/** How long a browser may remember a preflight; two hours is Chromium's own upper bound. */
const PREFLIGHT_MAX_AGE_SECONDS = 7200

const METHODS = 'GET, HEAD, POST, DELETE, OPTIONS'

/** Answer headers that pages may read beside the ones that browsers always show. */
const EXPOSED = [
  'x-request-id',
  'x-flocap-task',
  'x-flocap-unanswered',
  'x-flocap-frames',
  'x-flocap-memory',
  'x-flocap-model',
  'x-flocap-demo',
  'retry-after',
  'x-should-retry',
].join(', ')

const HEADER_NAMES = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\s*,\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/

/** For any answer to an origin that has passed the origin guard. */
export function corsHeaders(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED,
    vary: 'Origin',
  }
}

/**
 * For the answer to a preflight. The requested header names are echoed: the wildcard does not cover
 * Authorization, and SDKs send names of their own invention.
 */
export function preflightHeaders(request: Headers): Record<string, string> {
  const names = request.get('access-control-request-headers')?.trim() ?? ''
  const headers: Record<string, string> = {
    'access-control-allow-methods': METHODS,
    'access-control-max-age': String(PREFLIGHT_MAX_AGE_SECONDS),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network',
  }
  if (HEADER_NAMES.test(names)) headers['access-control-allow-headers'] = names
  if (request.get('access-control-request-private-network') === 'true') {
    headers['access-control-allow-private-network'] = 'true'
  }
  return headers
}
