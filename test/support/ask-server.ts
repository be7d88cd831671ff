// Questions to a running program that the tests of its robustness share.
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { readSample } from './samples.ts'

export const SCENES: readonly Buffer[] = [0, 1, 2, 3, 5, 7, 8].map((number) =>
  readSample(`scene-0${number}.png`),
)

export interface Answer {
  readonly status: number
  readonly body: string
  readonly retryAfter: string | undefined
}

export interface AskOptions {
  readonly query?: string
  /** Of this machine, to stand for another client: 127.0.0.2. */
  readonly localAddress?: string
  readonly signal?: AbortSignal
}

/** Captions one picture by the plain-text answer of FloCap's own API. */
export async function askCaption(
  url: string,
  picture: Uint8Array,
  { query = '', localAddress, signal }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/api/v1/caption?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', accept: 'text/plain' },
      // A connection of its own: a machine that sleeps for a minute would otherwise end one just as
      // it is used again.
      agent: false,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(signal === undefined ? {} : { signal }),
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      text(incoming).then(
        (body) =>
          resolve({
            status: incoming.statusCode ?? 0,
            body,
            retryAfter: incoming.headers['retry-after'],
          }),
        reject,
      )
    })
    outgoing.end(picture)
  })
}

/** The values of GET /metrics by name and labels, as they are written there. */
export async function readMetrics(url: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${url}/metrics`)
  const lines = (await response.text()).split('\n').filter((line) => /^[a-z]/.test(line))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

/** Processes that `pid` has started. Linux only. */
export function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children.split(' ').filter(Boolean).map(Number)
}
