// The part of the Hugging Face Hub's HTTP API that getting a model needs.
//
//   GET {endpoint}/api/models/{repository}/revision/{revision}            -> the commit
//   GET {endpoint}/api/models/{repository}/tree/{commit}?recursive=1      -> its files, in pages
//   GET {endpoint}/{repository}/resolve/{commit}/{path}                   -> a file, by way of a CDN
//
// Large files lie in Git LFS, whose object id is the file's SHA-256; small ones have Git's own id,
// a SHA-1 over a header and the content. Either tells what the content must be.
//
// Node's fetch does not look at HTTPS_PROXY by itself: app/proxy-fetch.ts gives this layer one that
// does.
import { z } from 'zod'
import { storeError } from './failures.ts'
import {
  type DownloadRange,
  type HubDownload,
  type HubFile,
  parseCursor,
  parsePage,
  toDownload,
  toRangeHeaders,
  toRefusal,
  unexpectedAnswer,
  WrongRange,
} from './hub-answers.ts'
import { type HubFetch, type HubResponse, request } from './hub-request.ts'
import { Retries, type Sleep, sleep as realSleep, TransientFailure } from './retry.ts'

export const HUB_ENDPOINT = 'https://huggingface.co'

/** Silence after which a connection is given up. The Hub's CDN answers in seconds. */
const IDLE_MS = 60_000
/** One page of a listing has up to 1,000 files of some hundred bytes. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024
/** A model repository has some dozen files, with every checkpoint of a training some hundred. */
const MAX_PAGES = 50

export interface HubOptions {
  /** A mirror's address (HF_ENDPOINT); the Hub itself when undefined or empty. */
  readonly endpoint?: string | undefined
  /** For gated and private repositories (HF_TOKEN); sent to the endpoint's host only. */
  readonly token?: string | undefined
  readonly fetch?: HubFetch | undefined
  /** Longest silence of a connection, in milliseconds. */
  readonly idleMs?: number
  readonly sleep?: Sleep
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Told before each pause between attempts. */
  readonly onRetry?: ((reason: string, pauseMs: number) => void) | undefined
}

export interface Hub {
  readonly endpoint: string
  readonly sleep: Sleep
  /** The commit that a branch or tag points to now. */
  resolveCommit(repository: string, revision: string, call?: CallOptions): Promise<string>
  listFiles(repository: string, commit: string, call?: CallOptions): Promise<readonly HubFile[]>
  /**
   * Opens a file for reading from `offset` on. One attempt: who reads the body knows best how to
   * go on after a break.
   *
   * @throws TransientFailure, or FlocapError when another attempt is of no use.
   */
  openFile(
    repository: string,
    commit: string,
    path: string,
    range: DownloadRange,
    call?: CallOptions,
  ): Promise<HubDownload>
  /** Where people find the file, to fetch it themselves. */
  fileAddress(repository: string, revision: string, path: string): string
}

const commitSchema = z.object({ sha: z.string().regex(/^[\da-f]{40}$/) })

/**
 * @throws FlocapError `invalid_setting` when the endpoint is no web address, or when a token would
 *   travel unencrypted.
 */
export function createHub(options: HubOptions = {}): Hub {
  const endpoint = parseEndpoint(options.endpoint)
  const token = parseToken(options.token)
  if (token !== undefined && endpoint.protocol !== 'https:' && !isLoopback(endpoint.hostname)) {
    throw storeError('setting', `A token is not sent to ${endpoint.host} without encryption.`, {
      subject: 'endpoint',
      hint: 'Use an https:// address as the endpoint, or leave the token out.',
    })
  }
  const { fetch = globalThis.fetch, idleMs = IDLE_MS, sleep = realSleep } = options

  function addressOf(path: string): URL {
    return new URL(`${endpoint.href}${path}`)
  }

  async function get(
    url: URL,
    headers: Readonly<Record<string, string>>,
    { signal }: CallOptions,
  ): Promise<HubResponse> {
    return await request(url, {
      fetch,
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      headers: { 'user-agent': 'flocap', 'accept-encoding': 'identity', ...headers },
      signal,
      idleMs,
    })
  }

  /** JSON of the API, with retries; the whole answer is short. */
  async function getJson(
    url: URL,
    repository: string,
    call: CallOptions,
  ): Promise<{ readonly json: unknown; readonly headers: Headers }> {
    const retries = new Retries({ sleep, signal: call.signal, onRetry: call.onRetry })
    for (;;) {
      try {
        const response = await get(url, { accept: 'application/json' }, call)
        if (response.status !== 200) {
          response.discard()
          throw toRefusal(response, repository, endpoint, token !== undefined)
        }
        return { json: await readJson(response, endpoint), headers: response.headers }
      } catch (error) {
        if (!(error instanceof TransientFailure)) throw error
        await retries.pause(error, false)
      }
    }
  }

  return {
    endpoint: endpoint.href,
    sleep,
    async resolveCommit(repository, revision, call = {}) {
      const url = addressOf(`api/models/${repository}/revision/${encodeURIComponent(revision)}`)
      const commit = commitSchema.safeParse((await getJson(url, repository, call)).json)
      if (commit.success) return commit.data.sha
      throw unexpectedAnswer(endpoint, 'names no commit', commit.error)
    },
    async listFiles(repository, commit, call = {}) {
      const url = addressOf(`api/models/${repository}/tree/${commit}`)
      const files: HubFile[] = []
      let cursor: string | undefined = ''
      for (let page = 0; cursor !== undefined; page += 1) {
        if (page >= MAX_PAGES) throw unexpectedAnswer(endpoint, 'lists files without end')
        url.search = new URLSearchParams({
          recursive: '1',
          ...(cursor === '' ? {} : { cursor }),
        }).toString()
        const { json, headers } = await getJson(url, repository, call)
        files.push(...parsePage(json, endpoint))
        cursor = parseCursor(headers.get('link'), url)
      }
      return files
    },
    async openFile(repository, commit, path, range, call = {}) {
      const url = addressOf(`${repository}/resolve/${commit}/${encodeURIComponent(path)}`)
      const response = await get(url, toRangeHeaders(range), call)
      if (response.status === 200 || response.status === 206) {
        return toDownload(response, range.offset)
      }
      response.discard()
      if (response.status === 416) throw new WrongRange(`${url.host} has no such part of ${path}.`)
      // Of the CDN: its addresses are made for one download and expire. The next one is new.
      if (response.host !== url.host) {
        throw new TransientFailure(`${response.host} answered with status ${response.status}.`)
      }
      throw toRefusal(response, repository, endpoint, token !== undefined)
    },
    fileAddress: (repository, revision, path) =>
      addressOf(`${repository}/resolve/${revision}/${path}`).href,
  }
}

function parseEndpoint(text: string | undefined): URL {
  const address = text === undefined || text === '' ? HUB_ENDPOINT : text
  if (URL.canParse(address)) {
    const url = new URL(address)
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
    if (
      isWeb &&
      url.username === '' &&
      url.password === '' &&
      url.search === '' &&
      url.hash === ''
    ) {
      if (!url.pathname.endsWith('/')) url.pathname += '/'
      return url
    }
  }
  // Not repeated in the message: it may hold a password.
  throw storeError('setting', "The Hub's endpoint must be a web address without a password.", {
    subject: 'endpoint',
    hint: 'For example https://huggingface.co, or the address of a mirror.',
  })
}

function parseToken(text: string | undefined): string | undefined {
  const token = text?.trim() ?? ''
  if (token === '') return undefined
  if (/^[\u0021-\u007E]+$/.test(token)) return token
  throw storeError('setting', 'The access token has characters that a token cannot have.', {
    subject: 'token',
    hint: 'Copy it again from the settings of your account on the Hub.',
  })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host)
}

async function readJson(response: HubResponse, endpoint: URL): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body()) {
    bytes += chunk.length
    if (bytes > MAX_PAGE_BYTES) throw unexpectedAnswer(endpoint, 'answers without end')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (error) {
    throw unexpectedAnswer(endpoint, 'does not answer with JSON', error)
  }
}
