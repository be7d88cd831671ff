// What the Hub answers, parsed: listings, the headers of a file, and the reasons of a refusal.
import { z } from 'zod'
import { storeError } from './failures.ts'
import type { HubResponse } from './hub-request.ts'
import { TransientFailure } from './retry.ts'

/** A file of a repository. Exactly one of the hashes is there. */
export interface HubFile {
  readonly path: string
  readonly size: number
  /** Of files in Git LFS. */
  readonly sha256: string | undefined
  /** Of others: SHA-1 of `blob <size>\0` and the content. */
  readonly gitSha1: string | undefined
}

export interface HubDownload {
  /** Where in the file the body begins: the offset asked for, or 0 when the server ignores it. */
  readonly start: number
  /** Bytes of the whole file as the server says; undefined when it does not. */
  readonly size: number | undefined
  /** The server's name for this state of the file. */
  readonly etag: string | undefined
  /** The content hash that the Hub itself announces with the file. */
  readonly announced: string | undefined
  body(): AsyncGenerator<Uint8Array>
  discard(): void
}

export interface DownloadRange {
  /** First byte wanted. */
  readonly offset: number
  /** Of the earlier answer that the bytes before `offset` came from. */
  readonly etag: string | undefined
}

/** The server has no right answer to a request for the rest of a file. */
export class WrongRange extends TransientFailure {}

const hash = (digits: number): z.ZodString =>
  z.string().regex(new RegExp(`^(?:sha256:)?[\\da-f]{${digits}}$`))
const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const pageSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    oid: hash(40),
    size,
    lfs: z.object({ oid: hash(64), size }).optional(),
  }),
)

/** The files of one page of a listing. @throws FlocapError `model_download_failed` for another form. */
export function parsePage(json: unknown, endpoint: URL): readonly HubFile[] {
  const page = pageSchema.safeParse(json)
  if (!page.success) throw unexpectedAnswer(endpoint, 'lists files in another form', page.error)
  return page.data
    .filter((entry) => entry.type === 'file')
    .map(({ path, oid, size: bytes, lfs }) => ({
      path,
      size: lfs?.size ?? bytes,
      sha256: lfs?.oid.replace('sha256:', ''),
      gitSha1: lfs ? undefined : oid,
    }))
}

/**
 * The cursor of the next page, in the Link header; undefined on the last one. Only the cursor is taken: a mirror may pass on the Hub's own
 * address, and the request must go on to the mirror.
 */
export function parseCursor(link: string | null, page: URL): string | undefined {
  const address = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1]
  if (address === undefined || !URL.canParse(address, page.href)) return undefined
  return new URL(address, page).searchParams.get('cursor') ?? undefined
}

/** Of the request for the rest of a file. */
export function toRangeHeaders({ offset, etag }: DownloadRange): Record<string, string> {
  if (offset === 0) return {}
  return { range: `bytes=${offset}-`, ...(etag === undefined ? {} : { 'if-range': etag }) }
}

/**
 * What the headers say about the file.
 *
 * @throws WrongRange when the server sends another part than it was asked for.
 */
export function toDownload(response: HubResponse, offset: number): HubDownload {
  const { headers, firstHeaders } = response
  const etag = headers.get('etag') ?? undefined
  const common = {
    // A weak tag does not promise equal bytes, and servers ignore it here.
    etag: etag?.startsWith('W/') === true ? undefined : etag,
    announced: parseHash(firstHeaders.get('x-linked-etag') ?? firstHeaders.get('etag')),
    body: () => response.body(),
    discard: () => response.discard(),
  }
  if (response.status === 200) {
    // The length of a body that a server compresses all the same says nothing about the file.
    const length = headers.has('content-encoding') ? null : headers.get('content-length')
    return { ...common, start: 0, size: length === null ? undefined : Number(length) }
  }
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')
  if (range === null || Number(range[1]) !== offset) {
    response.discard()
    throw new WrongRange('The server sent another part of the file than it was asked for.')
  }
  const total = range[3] === '*' ? undefined : Number(range[3])
  return { ...common, start: offset, size: total }
}

/** A quoted SHA-256 or Git id; other tags say nothing about content. */
function parseHash(etag: string | null): string | undefined {
  return /^(?:W\/)?"?([\da-f]{40}|[\da-f]{64})"?$/.exec(etag ?? '')?.[1]
}

export function unexpectedAnswer(endpoint: URL, what: string, cause?: unknown): Error {
  return storeError('download', `${endpoint.host} ${what}: it does not speak the Hub's API.`, {
    subject: endpoint.host,
    hint: 'Look whether the endpoint is the address of the Hub or of a mirror of it.',
    cause,
  })
}

/** What a 4xx status means; the Hub explains it in a header of its own. */
export function toRefusal(
  { status, headers }: HubResponse,
  repository: string,
  endpoint: URL,
  hasToken: boolean,
): Error {
  const code = headers.get('x-error-code')
  const page = `${endpoint.href}${repository}`
  const options = { subject: repository }
  if (code === 'GatedRepo' || (status === 403 && code === null)) {
    return storeError('denied', `${repository} is open only to accounts that its owner admits.`, {
      ...options,
      hint:
        `Accept its terms at ${page}, make an access token in your account's settings, and give ` +
        'it as HF_TOKEN.',
    })
  }
  if (code === 'RevisionNotFound') {
    return storeError('absent', `${repository} has no such revision.`, options)
  }
  if (code === 'EntryNotFound') {
    return storeError('absent', `${repository} lacks a file that its listing has.`, options)
  }
  if (status === 401 || status === 403) {
    const who = hasToken ? 'the account of this token' : 'visitors without a token'
    return storeError('denied', `${endpoint.host} does not show ${repository} to ${who}.`, {
      ...options,
      hint: 'The name may be mistyped, or the repository private: then give a token as HF_TOKEN.',
    })
  }
  if (status === 404 || status === 410) {
    return storeError('absent', `${endpoint.host} has no model ${repository}.`, {
      ...options,
      hint: `Look at ${page}.`,
    })
  }
  return storeError('download', `${endpoint.host} answered with status ${status}.`, options)
}
