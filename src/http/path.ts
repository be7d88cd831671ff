// One spelling for every way that clients write a path, decided before routing.
//
// Base URLs are joined by hand in many clients, so `//chat/completions`, `/v1//chat/completions`
// and trailing slashes are the normal case. Redirecting would turn a POST into a GET in node-fetch,
// and `new URL('//chat/completions', base)` reads `chat` as a host: the path is taken as text.

/** The text between authority and query of an absolute URL, as it was sent. */
export function pathOfUrl(url: string): string {
  const authority = url.indexOf('://')
  const start = url.indexOf('/', authority === -1 ? 0 : authority + 3)
  if (start === -1) return '/'
  const end = url.slice(start).search(/[?#]/)
  return end === -1 ? url.slice(start) : url.slice(start, start + end)
}

/**
 * The path that routes are written against: single slashes, no slash at the end, no leading `/v1`
 * or other base, and an endpoint that was pasted as base URL counted once.
 */
export function normalisePath(path: string): string {
  let segments = withoutBase(path.split('/').filter((segment) => segment !== ''))
  for (;;) {
    const rest = withoutVersion(segments.slice(2))
    const pasted = isChatCompletions(segments) && (isChatCompletions(rest) || rest[0] === 'models')
    if (!pasted) return `/${segments.join('/')}`
    segments = rest
  }
}

/**
 * Without what programs write in front of an API when one address serves several: `/openai/v1`,
 * `/ollama/api`, `/anthropic`, and the `/api` that Open WebUI, OpenRouter and LM Studio put before
 * OpenAI's routes.
 */
function withoutBase(segments: readonly string[]): readonly string[] {
  const plain = withoutVersion(segments)
  const named = BASES.has(plain[0] ?? '') ? plain.slice(1) : plain
  const behindApi = named[0] === 'api' ? named.slice(API_VERSIONS.has(named[1] ?? '') ? 2 : 1) : []
  const rest = isChatCompletions(behindApi) || behindApi[0] === 'responses' ? behindApi : named
  return rest.length === segments.length ? rest : withoutBase(rest)
}

const BASES: ReadonlySet<string> = new Set(['openai', 'ollama', 'anthropic', 'engines'])

const API_VERSIONS: ReadonlySet<string> = new Set(['v0', 'v1'])

/** `/v1/v1` comes from a base URL with `/v1` in a client that adds its own. */
function withoutVersion(segments: readonly string[]): readonly string[] {
  const first = segments.findIndex((segment) => segment !== 'v1')
  return first === -1 ? [] : segments.slice(first)
}

function isChatCompletions(segments: readonly string[]): boolean {
  return segments[0] === 'chat' && segments[1] === 'completions'
}
