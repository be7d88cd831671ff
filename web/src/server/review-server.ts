// The server of a review as its page sees it.
import type { z } from 'zod'
import * as wire from '../../../src/http/surfaces/review/schema.ts'
import { readProblem, toProblem } from './problem.ts'

export type { Change, ReviewedPicture } from '../../../src/http/surfaces/review/schema.ts'

export interface Replacement {
  readonly from: string
  readonly to: string
  readonly regex: boolean
}

/** Every function rejects with a `Problem`. */
export interface ReviewServer {
  list(): Promise<z.infer<typeof wire.ReviewList>>
  /** Resolves with what became of each change, conflicts included. */
  save(changes: readonly wire.Change[]): Promise<wire.SaveResponse>
  lock(names: readonly string[], locked: boolean): Promise<readonly wire.ReviewedPicture[]>
  replace(names: readonly string[], replacement: Replacement): Promise<readonly wire.Change[]>
  /** An address for `<img>`, to be revoked by who asked for it. */
  preview(
    picture: wire.ReviewedPicture,
    size: 'small' | 'large',
    signal: AbortSignal,
  ): Promise<string>
}

/** Browsers send no more than this after a page is closed. */
const MOST_KEPT_ALIVE = 60_000

/** Pictures in a request: it stays far below what a body may hold, and others are not kept waiting. */
const PART = 500

function inParts<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / PART)
  return Array.from({ length: count }, (_, at) => items.slice(at * PART, (at + 1) * PART))
}

export function createReviewServer(base: string, secret: string): ReviewServer {
  async function request(path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const json = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      authorization: `Bearer ${secret}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    }
    try {
      return await fetch(new URL(path, base), {
        headers,
        signal: signal ?? null,
        // A caption that is being saved while the page is closed is saved all the same.
        ...(json === undefined
          ? {}
          : { method: 'POST', body: json, keepalive: json.length < MOST_KEPT_ALIVE }),
      })
    } catch (error) {
      throw toProblem(error)
    }
  }

  async function ask<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    body?: unknown,
  ): Promise<z.output<Schema>> {
    const response = await request(path, body)
    const answer: unknown = await response.json().catch(() => undefined)
    const { data } = schema.safeParse(answer)
    if (data === undefined) throw readProblem(answer, response.status)
    return data
  }

  return {
    list: async () => ask(wire.ReviewList, 'api/pictures'),
    async save(changes) {
      const whole: wire.SaveResponse = { saved: [], conflicts: [], failed: [] }
      for (const part of inParts(changes)) {
        const answer = await ask(wire.SaveResponse, 'api/captions', { changes: part })
        whole.saved.push(...answer.saved)
        whole.conflicts.push(...answer.conflicts)
        whole.failed.push(...answer.failed)
      }
      return whole
    },
    lock: async (names, locked) =>
      (await ask(wire.LockResponse, 'api/locks', { names, locked })).pictures,
    async replace(names, replacement) {
      const changes: wire.Change[] = []
      for (const part of inParts(names)) {
        const body = { names: part, ...replacement }
        changes.push(...(await ask(wire.ReplaceResponse, 'api/replacements', body)).changes)
      }
      return changes
    },
    async preview({ name, stamp }, size, signal) {
      const query = new URLSearchParams({ name, size, stamp })
      const response = await request(`api/preview?${query.toString()}`, undefined, signal)
      if (response.ok) return URL.createObjectURL(await response.blob())
      throw readProblem(await response.json().catch(() => undefined), response.status)
    },
  }
}
