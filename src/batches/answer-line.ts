// Answers one line, as often as it takes: what is not the line's fault is waited for, what may be is tried
// three times, and everything else is an answer.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ERROR_CODES } from '../base/errors.ts'
import { unlessAborted } from '../base/unless-aborted.ts'
import { isMistake, readLineFields } from './line-fields.ts'
import type { LineJob, LineResult } from './line-queue.ts'
import type { LineAnswer, LineReader } from './line-reader.ts'
import { renderAnswer } from './render-line.ts'

/** The server is busy, or has no model yet: any other line would fare alike. */
const WAIT_FOR: ReadonlySet<string> = new Set([
  'queue_full',
  'queue_timeout',
  'too_many_connections',
  'model_loading',
  'model_download_failed',
  'model_not_found',
  'model_access_denied',
  'invalid_model',
  'device_unavailable',
  'disk_full',
])

/** For an engine that dies of a picture, and a host that does not answer. */
const MAX_ATTEMPTS = 3

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/** Both dialects of the endpoints say the code here. */
const ErrorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

export interface AnswerLineOptions {
  readonly reader: LineReader
  readonly bytes: Uint8Array
  /** Aborts when the server ends. */
  readonly signal: AbortSignal
  /** Shorter in tests. */
  readonly pauseMs?: number
}

/** @throws the reason of `signal`. */
export async function answerLine(job: LineJob, options: AnswerLineOptions): Promise<LineResult> {
  const { reader, bytes, signal, pauseMs = FIRST_PAUSE_MS } = options
  let attempts = 0
  for (let pause = pauseMs; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    // Read again each time: what a request is made of is used up by it.
    const line = await reader.read(bytes)
    const fields = readLineFields(line.fields, job.endpoint)
    // It was checked before the batch began.
    if (isMistake(fields)) throw new TypeError(`Line ${job.line} has changed: ${fields.message}`)
    const { endpoint, owner } = job
    signal.throwIfAborted()
    const answering = line.answer({ endpoint, body: fields.body, owner, signal })
    const answer = await unlessAborted(answering, signal)
    signal.throwIfAborted()
    const failure = failureOf(answer)
    if (failure === undefined || !WAIT_FOR.has(failure.code)) {
      attempts += 1
      if (failure === undefined || !mayPass(failure.code) || attempts === MAX_ATTEMPTS) {
        return renderAnswer(job, fields.customId, answer)
      }
    }
    await sleep(pause, undefined, { signal })
  }
}

function failureOf({ status, body }: LineAnswer) {
  return status < 400 ? undefined : ErrorBody.safeParse(body).data?.error
}

function mayPass(code: string): boolean {
  const kinds: Readonly<Record<string, { readonly retry: string }>> = ERROR_CODES
  return (kinds[code]?.retry ?? 'never') !== 'never'
}
