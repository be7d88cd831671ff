// An API key inside the address, for clients that have a field for a URL and none for a key, as most
// of Ollama's: `http://host:5000/k/KEY` instead of `http://host:5000`.
import { pathOfUrl } from '../path.ts'

const PATH_KEY = /^\/+k\/+([^/]+)/

/** The path without its key; that is what is routed, answered and logged. */
export function withoutPathKey(path: string): string {
  return path.replace(PATH_KEY, '')
}

/** A path as it may be logged and answered: what stands where a key would, in a wrong place too, is left out. */
export function shownPath(path: string): string {
  return path.replaceAll(/(\/k(?:\/|%2f)+)[^/]+/gi, '$1…')
}

/** The key of an address; undefined where it has none. */
export function keyOfPath(url: string): string | undefined {
  const key = PATH_KEY.exec(pathOfUrl(url))?.[1]
  return key === undefined ? undefined : decode(key)
}

/** What is not encoded well is no key of ours either: it is compared as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
