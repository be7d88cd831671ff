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

/** Of what is done in parts. */
export interface InPartsOptions {
  /** Told after each part how many are done. */
  readonly onProgress?: (done: number) => void
  /** No part begins after it. */
  readonly signal?: AbortSignal
}

export interface SaveOptions extends InPartsOptions {
  /** What can be taken back together, by a later page too. */
  readonly step?: string | undefined
}

/** Every function rejects with a `Problem`. */
export interface ReviewServer {
  list(): Promise<z.infer<typeof wire.ReviewList>>
  /** Resolves with what became of each change, conflicts included; what was stopped is in none. */
  save(changes: readonly wire.Change[], options?: SaveOptions): Promise<wire.SaveResponse>
  /** What would take back the last change of many captions, of an earlier page too. */
  undoable(): Promise<wire.UndoResponse>
  lock(names: readonly string[], locked: boolean): Promise<readonly wire.ReviewedPicture[]>
  /** What the model says of a picture now; nothing is saved. The first time it has to be started. */
  again(name: string, task: string): Promise<wire.AgainResponse>
  replace(
    names: readonly string[],
    replacement: Replacement,
    options?: InPartsOptions,
  ): Promise<readonly wire.Change[]>
  /** An address for `<img>`, to be revoked by who asked for it. */
  preview(
    picture: wire.ReviewedPicture,
    size: 'small' | 'large',
    signal: AbortSignal,
  ): Promise<string>
}

/** Browsers send no more than this after a page is closed. */
const MOST_KEPT_ALIVE = 60_000

/** Pictures in a request: it takes a second at most, so that progress is seen and others are not kept waiting. */
const PART = 100

async function inParts<Item>(
  items: readonly Item[],
  { onProgress, signal }: InPartsOptions,
  send: (part: readonly Item[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += PART) {
    if (signal?.aborted === true) return
    const part = items.slice(start, start + PART)
    await send(part)
    onProgress?.(start + part.length)
  }
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
    async save(changes, { step, ...parts } = {}) {
      const whole: wire.SaveResponse = { saved: [], conflicts: [], failed: [] }
      await inParts(changes, parts, async (part) => {
        const answer = await ask(wire.SaveResponse, 'api/captions', { changes: part, step })
        whole.saved.push(...answer.saved)
        whole.conflicts.push(...answer.conflicts)
        whole.failed.push(...answer.failed)
      })
      return whole
    },
    lock: async (names, locked) =>
      (await ask(wire.LockResponse, 'api/locks', { names, locked })).pictures,
    again: async (name, task) => ask(wire.AgainResponse, 'api/again', { name, task }),
    undoable: async () => ask(wire.UndoResponse, 'api/undo'),
    async replace(names, replacement, parts = {}) {
      const changes: wire.Change[] = []
      await inParts(names, parts, async (part) => {
        const body = { names: part, ...replacement }
        changes.push(...(await ask(wire.ReplaceResponse, 'api/replacements', body)).changes)
      })
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
