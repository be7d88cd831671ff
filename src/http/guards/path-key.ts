// An API key inside the address, for clients that have a field for a URL and none for a key, as most
// of Ollama's: `http://host:5000/k/KEY` instead of `http://host:5000`.
import { pathOfUrl } from '../path.ts'
import { keyOf } from './key.ts'

const PATH_KEY = /^\/+k\/+([^/]+)/

/** The path without its key; that is what is routed, answered and logged. */
export function withoutPathKey(path: string): string {
  return path.replace(PATH_KEY, '')
}

/** The headers as if the key of the address stood among them; one that stands there counts first. */
export function withPathKey({ url, headers }: Request): Headers {
  const key = PATH_KEY.exec(pathOfUrl(url))?.[1]
  if (key === undefined || keyOf(headers) !== undefined) return headers
  const all = new Headers(headers)
  all.set('x-api-key', decode(key))
  return all
}

/** What is not encoded well is no key of ours either: it is compared as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return encodeURIComponent(text)
  }
}
