// A Hugging Face Hub on the loopback interface: the part of its API that FloCap uses, a CDN on
// another port that files are redirected to, and faults on demand.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface StandInFile {
  readonly content: Buffer
  /** In Git LFS: listed with its SHA-256, and served by the CDN. */
  readonly lfs: boolean
}

export interface StandInRepository {
  readonly files: Readonly<Record<string, StandInFile>>
  readonly commit: string
  /** Only with the Hub's token, and only for accounts that were let in. */
  readonly access?: 'open' | 'gated' | 'private'
}

/** What goes wrong, for the next `times` requests that match. */
type Fault = {
  /** Part of the request's path. */
  readonly path: string
  /** Default 1. */
  readonly times?: number
  readonly server?: 'hub' | 'cdn'
} & (
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** Closes the connection after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Sends no more after so many bytes, and keeps the connection. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Changes one byte of the body. */
  | { readonly kind: 'corrupt'; readonly atByte: number }
  /** Sends a few bytes at a time. */
  | { readonly kind: 'slow'; readonly chunkBytes: number; readonly pauseMs: number }
  /** Announces and sends another number of bytes than the file has. */
  | { readonly kind: 'wrong-size'; readonly extraBytes: number }
  /** Does not say how long the file is, as proxies that pass it on in chunks. */
  | { readonly kind: 'no-size' }
  /** Answers a range with another part. */
  | { readonly kind: 'wrong-range' }
  /** Answers a range with the whole file. */
  | { readonly kind: 'ignore-range' }
  /** Announces another content hash. */
  | { readonly kind: 'other-etag' }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'body'; readonly body: string }
)

interface SeenRequest {
  readonly server: 'hub' | 'cdn'
  readonly path: string
  readonly range: string | undefined
  readonly authorization: string | undefined
}

export interface StandInHub {
  /** To give as HF_ENDPOINT. */
  readonly endpoint: string
  readonly token: string
  readonly requests: readonly SeenRequest[]
  /** Requests for the content of one file, wherever it lies; those of its redirect not counted. */
  downloadsOf(path: string): readonly SeenRequest[]
  /** Bytes of bodies that were sent. */
  readonly sentBytes: () => number
  fail(...faults: readonly Fault[]): void
  close(): Promise<void>
}

export interface StandInOptions {
  readonly repositories: Readonly<Record<string, StandInRepository>>
  /** Files on one page of a listing. */
  readonly pageSize?: number
  /** Path before everything, as some mirrors have it. */
  readonly prefix?: string
}

export function lfsFile(content: Buffer): StandInFile {
  return { content, lfs: true }
}

export function gitFile(content: string): StandInFile {
  return { content: Buffer.from(content), lfs: false }
}

export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function gitOidOf(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}

export async function startStandInHub(options: StandInOptions): Promise<StandInHub> {
  const token = 'hf_standInToken'
  const faults: (Fault & { left: number })[] = []
  const requests: SeenRequest[] = []
  const served: { readonly file: string; readonly request: SeenRequest }[] = []
  const counter = { sent: 0 }
  const { prefix = '' } = options

  /** The file whose content this request asks for. */
  function fileOf(server: 'hub' | 'cdn', path: string): string | undefined {
    if (server === 'cdn') return decodeURIComponent(path.split('?file=')[1] ?? '')
    const file = decodeURIComponent(/\/resolve\/[^/]+\/(.+)$/.exec(path)?.[1] ?? '')
    const isGit = Object.values(options.repositories).some(
      ({ files }) => files[file]?.lfs === false,
    )
    return isGit ? file : undefined
  }

  function takeFault(server: 'hub' | 'cdn', path: string): Fault | undefined {
    const fault = faults.find(
      (each) => each.left > 0 && path.includes(each.path) && (each.server ?? server) === server,
    )
    if (fault) fault.left -= 1
    return fault
  }

  function listen(
    server: 'hub' | 'cdn',
    handle: (
      request: IncomingMessage,
      response: ServerResponse,
      fault: Fault | undefined,
    ) => Promise<void>,
  ): Promise<Server> {
    const listener = createServer((request, response) => {
      const path = request.url ?? ''
      const { range, authorization } = request.headers
      const seen: SeenRequest = { server, path, range, authorization }
      requests.push(seen)
      const file = fileOf(server, path)
      if (file !== undefined) served.push({ file, request: seen })
      const fault = takeFault(server, path)
      if (fault?.kind === 'status') {
        response.writeHead(
          fault.status,
          fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter },
        )
        response.end()
      } else if (fault?.kind === 'redirect') {
        response.writeHead(302, { location: fault.location }).end()
      } else if (fault?.kind === 'body') {
        response.end(fault.body)
      } else {
        handle(request, response, fault).catch(() => response.destroy())
      }
    })
    return new Promise((resolve) => {
      listener.listen(0, '127.0.0.1', () => resolve(listener))
    })
  }

  const cdn = await listen('cdn', async (request, response, fault) => {
    const [, sha256] = /^\/([\da-f]{64})\?/.exec(request.url ?? '') ?? []
    const file = Object.values(options.repositories)
      .flatMap((repository) => Object.values(repository.files))
      .find((each) => sha256Of(each.content) === sha256)
    if (!file) response.writeHead(404).end()
    else await sendContent(request, response, file.content, fault, counter)
  })
  const cdnAddress = addressOf(cdn)

  const hub = await listen('hub', async (request, response, fault) => {
    const url = new URL(request.url ?? '', 'http://hub')
    const match =
      /^\/(?:api\/models\/)?([^/]+\/[^/]+)\/(revision|tree|resolve)\/([^/]+)(?:\/(.+))?$/.exec(
        url.pathname.slice(prefix.length),
      )
    const [, name = '', action, revision = '', path = ''] = match ?? []
    const repository = options.repositories[name]
    if (!url.pathname.startsWith(prefix) || !repository) {
      // The Hub does not tell visitors which names exist.
      const known = request.headers.authorization === `Bearer ${token}`
      response.writeHead(known ? 404 : 401, { 'x-error-code': 'RepoNotFound' }).end()
      return
    }
    if (!mayRead(repository, request.headers.authorization, token)) {
      const gated = repository.access === 'gated'
      response
        .writeHead(gated ? 403 : 401, { 'x-error-code': gated ? 'GatedRepo' : 'RepoNotFound' })
        .end()
      return
    }
    const isThere = ['main', repository.commit].includes(decodeURIComponent(revision))
    if (!isThere) response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end()
    else if (action === 'revision') sendJson(response, { sha: repository.commit, id: name })
    else if (action === 'tree') sendPage(response, url, repository)
    else await sendFile(request, response, repository, decodeURIComponent(path), fault)
  })

  function sendPage(response: ServerResponse, url: URL, repository: StandInRepository): void {
    const entries = Object.entries(repository.files).map(([path, { content, lfs }]) => ({
      type: 'file',
      oid: lfs ? gitOidOf(Buffer.from(sha256Of(content))) : gitOidOf(content),
      size: content.length,
      path,
      ...(lfs ? { lfs: { oid: sha256Of(content), size: content.length, pointerSize: 134 } } : {}),
    }))
    const all = [{ type: 'directory', oid: '0'.repeat(40), size: 0, path: 'folder' }, ...entries]
    const { pageSize = all.length } = options
    const first = Number(url.searchParams.get('cursor') ?? '0')
    const next = first + pageSize
    if (next < all.length) {
      // As a mirror does that passes on the Hub's own header.
      const link = `https://huggingface.co${url.pathname}?recursive=1&cursor=${next}`
      response.setHeader('link', `<${link}>; rel="next"`)
    }
    sendJson(response, all.slice(first, next))
  }

  async function sendFile(
    request: IncomingMessage,
    response: ServerResponse,
    repository: StandInRepository,
    path: string,
    fault: Fault | undefined,
  ): Promise<void> {
    const file = repository.files[path]
    if (!file) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end()
      return
    }
    const oid = file.lfs ? sha256Of(file.content) : gitOidOf(file.content)
    const announced = fault?.kind === 'other-etag' ? oid.replaceAll(/[^0]/g, '0') : oid
    response.setHeader('x-repo-commit', repository.commit)
    if (!file.lfs) {
      response.setHeader('etag', `"${announced}"`)
      await sendContent(request, response, file.content, fault, counter)
      return
    }
    response.writeHead(302, {
      'x-linked-etag': `"${announced}"`,
      'x-linked-size': String(file.content.length),
      location: `${cdnAddress}/${oid}?file=${encodeURIComponent(path)}`,
    })
    response.end()
  }

  return {
    endpoint: `${addressOf(hub)}${prefix}`,
    token,
    requests,
    downloadsOf: (path) => served.filter((each) => each.file === path).map((each) => each.request),
    sentBytes: () => counter.sent,
    fail: (...more) => {
      for (const fault of more) faults.push({ ...fault, left: fault.times ?? 1 })
    },
    close: async () => {
      for (const server of [hub, cdn]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

function addressOf(server: Server): string {
  const { port }: Pick<AddressInfo, 'port'> = toAddress(server)
  return `http://127.0.0.1:${port}`
}

function toAddress(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return address
}

function mayRead(
  repository: StandInRepository,
  authorization: string | undefined,
  token: string,
): boolean {
  const { access = 'open' } = repository
  return access === 'open' || authorization === `Bearer ${token}`
}

function sendJson(response: ServerResponse, json: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(json))
}

async function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  fault: Fault | undefined,
  counter: { sent: number },
): Promise<void> {
  const etag = `"${createHash('md5').update(content).digest('hex')}"`
  if (!response.hasHeader('etag')) response.setHeader('etag', etag)
  const ifRange = request.headers['if-range']
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
  const mayRange = ifRange === undefined || ifRange === response.getHeader('etag')
  const isRange = from !== undefined && mayRange && fault?.kind !== 'ignore-range'
  let start = isRange ? Number(from) : 0
  if (start >= content.length && isRange) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
    return
  }
  if (fault?.kind === 'wrong-range') start = Math.max(0, start - 1)
  let body = Buffer.from(content.subarray(start))
  let size = content.length
  if (fault?.kind === 'corrupt' && fault.atByte >= start) {
    const at = fault.atByte - start
    body[at] = (body[at] ?? 0) ^ 0xff
  }
  if (fault?.kind === 'wrong-size') {
    size += fault.extraBytes
    body = Buffer.concat([body, Buffer.alloc(Math.max(0, fault.extraBytes))]).subarray(
      0,
      size - start,
    )
  }
  response.writeHead(isRange ? 206 : 200, {
    'accept-ranges': 'bytes',
    ...(fault?.kind === 'no-size' ? {} : { 'content-length': String(body.length) }),
    ...(isRange ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {}),
  })
  const end =
    fault?.kind === 'cut' || fault?.kind === 'stall'
      ? Math.min(fault.afterBytes, body.length)
      : body.length
  const step = fault?.kind === 'slow' ? fault.chunkBytes : 64 * 1024
  for (let at = 0; at < end; at += step) {
    const piece = body.subarray(at, Math.min(at + step, end))
    counter.sent += piece.length
    await new Promise<void>((resolve, reject) => {
      response.write(piece, (error) => (error ? reject(error) : resolve()))
    })
    if (fault?.kind === 'slow') await sleep(fault.pauseMs)
  }
  if (fault?.kind === 'cut') response.destroy()
  else if (fault?.kind !== 'stall') response.end()
}
