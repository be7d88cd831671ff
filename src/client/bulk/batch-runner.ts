// One batch at a time of a run: sent, waited for, read, removed. Each step can be taken again by a later run.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { FlocapError } from '../../base/errors.ts'
import type { SentBatch, SentBatches } from '../../caption/ask-ahead.ts'
import { insist, type V1Server } from '../ask-v1.ts'
import { createRemoteBatches, hasEnded, type RemoteBatch } from '../batches-there.ts'
import { removeFileThere, uploadLines } from '../files-there.ts'
import { type LineAnswers, readAnswers } from './line-answers.ts'
import type { Spool } from './spool.ts'

/** Told to people while they wait. */
export type BulkEvent =
  | { readonly kind: 'sent' | 'taken-up' | 'ended'; readonly id: string; readonly lines: number }
  | {
      readonly kind: 'progress'
      readonly id: string
      readonly done: number
      readonly lines: number
      /** Why nothing moves. */
      readonly waitsFor: string | undefined
    }

export interface AnsweredBatch {
  readonly answers: LineAnswers
  /** Of a line that the batch ended without. */
  readonly unanswered: FlocapError
  /** Removes it and its files at the server: what was read of it is safe. */
  forget(): Promise<void>
}

export interface BatchRunnerOptions {
  readonly server: V1Server
  /** Of the model: answers of another one are not taken up. */
  readonly fingerprint: string
  readonly sent: SentBatches
  readonly signal: AbortSignal | undefined
  readonly onEvent: (event: BulkEvent) => void
  /** Milliseconds between two looks; shorter in tests. */
  readonly pollMs?: number
}

const POLL_MS = 1_000
/** Far beyond any queue, and within what servers take: a run may be taken up days later. */
const COMPLETION_WINDOW = '7d'
/** In the metadata of a batch. */
const TOKEN = 'flocap_run'
const FINGERPRINT = 'flocap_fingerprint'

export interface BatchRunner {
  /** @throws FlocapError when the server does not take it; the reason of `signal` */
  run(spool: Spool): Promise<AnsweredBatch>
  /** Waits for one that an earlier run has sent; undefined where it is of no use. */
  takeUp(batch: SentBatch): Promise<AnsweredBatch | undefined>
}

export function createBatchRunner(options: BatchRunnerOptions): BatchRunner {
  const { server, fingerprint, sent, signal, onEvent, pollMs = POLL_MS } = options
  const batches = createRemoteBatches({ ...server, signal })
  /** What is being made is waited for, though the run is stopped: else no later run would know of it. */
  const unstopped = createRemoteBatches(server)

  async function findByToken(token: string): Promise<RemoteBatch | undefined> {
    for await (const batch of batches.list()) {
      if (batch.metadata?.[TOKEN] === token) return batch
    }
    return undefined
  }

  async function find({ id, token }: SentBatch): Promise<RemoteBatch | undefined> {
    if (id === undefined) return findByToken(token)
    try {
      return await batches.show(id)
    } catch (error) {
      if (error instanceof FlocapError && error.code === 'not_found') return undefined
      throw error
    }
  }

  /** A server that goes away while it makes the batch may have made it: then that one counts. */
  async function create(file: string, token: string): Promise<RemoteBatch> {
    let isFirst = true
    return insist(async () => {
      const made = isFirst ? undefined : await findByToken(token)
      isFirst = false
      return (
        made ??
        unstopped.create({
          input_file_id: file,
          endpoint: '/api/v1/caption',
          completion_window: COMPLETION_WINDOW,
          metadata: { [TOKEN]: token, [FINGERPRINT]: fingerprint },
        })
      )
    }, signal)
  }

  async function untilEnded(id: string): Promise<RemoteBatch> {
    for (;;) {
      const batch = await insist(async () => batches.show(id), signal)
      const { total, completed, failed } = batch.request_counts
      const waitsFor = batch.errors?.data[0]?.message
      if (hasEnded(batch)) {
        onEvent({ kind: 'ended', id, lines: total })
        return batch
      }
      onEvent({ kind: 'progress', id, done: completed + failed, lines: total, waitsFor })
      await sleep(pollMs, undefined, signal === undefined ? {} : { signal })
    }
  }

  async function finish(known: SentBatch, id: string): Promise<AnsweredBatch> {
    const batch = await untilEnded(id)
    if (batch.status === 'failed') {
      const reason = batch.errors?.data[0]?.message ?? 'It does not say why.'
      await sent.drop(known)
      throw new FlocapError('invalid_request', `The server refused the batch ${id}: ${reason}`)
    }
    const answers = await insist(async () => readAnswers(server, batch, signal), signal)
    return {
      answers,
      unanswered: new FlocapError(
        'cancelled',
        `The batch ${id} ended as ${batch.status} before this picture was answered.`,
        { hint: 'Run the command again: it sends what is missing.' },
      ),
      async forget() {
        try {
          for (const file of [batch.input_file_id, batch.output_file_id, batch.error_file_id]) {
            if (file !== null) await removeFileThere(server, file)
          }
        } catch {
          // The next run finds it as it is, and removes it.
          return
        }
        await sent.drop(known)
      },
    }
  }

  return {
    async run(spool) {
      const known: SentBatch = { server: server.url, token: randomUUID() }
      await sent.keep(known)
      const file = await insist(async () => uploadLines(server, spool.path, signal), signal)
      const { id } = await create(file, known.token)
      await sent.keep({ ...known, id })
      onEvent({ kind: 'sent', id, lines: spool.ids.size })
      return finish({ ...known, id }, id)
    },
    async takeUp(known) {
      const batch = await insist(async () => find(known), signal)
      if (batch === undefined || batch.status === 'failed') {
        await sent.drop(known)
        return undefined
      }
      const { id } = batch
      if (batch.metadata?.[FINGERPRINT] !== fingerprint) {
        if (!hasEnded(batch)) await insist(async () => batches.cancel(id), signal)
        await sent.drop(known)
        return undefined
      }
      onEvent({ kind: 'taken-up', id, lines: batch.request_counts.total })
      return finish({ ...known, id }, id)
    },
  }
}
