// Pictures of a run in parts: the requests of a part become a batch of the server, several of which are under
// way at once, and the pictures come back in their order with a captioner that knows the answers.
import { pMapIterable } from 'p-map'
import { FlocapError } from '../../base/errors.ts'
import type { Ahead, AheadRun, AheadTurn, AskAhead } from '../../caption/ask-ahead.ts'
import type { StatusResponse } from '../../http/surfaces/native/schema.ts'
import type { V1Server } from '../ask-v1.ts'
import { describeModel } from '../native-captioner.ts'
import { answerPart } from './answer-part.ts'
import { type AnsweredBatch, type BulkEvent, createBatchRunner } from './batch-runner.ts'
import type { Asking } from './collector.ts'
import { cutParts } from './cut-parts.ts'
import type { PartLimits } from './spool.ts'

export interface BulkOptions {
  readonly server: V1Server
  /** Of the server, with its model's fingerprint. */
  readonly status: StatusResponse
  readonly onEvent: (event: BulkEvent) => void
  /** Smaller in tests, as the milliseconds between two looks are. */
  readonly part?: PartLimits
  readonly pollMs?: number
}

/** One is answered while others are on their way: with workers on many machines several are answered. */
const BATCHES_AT_ONCE = 4
/** Some hundred photos: what is sent stands on both disks, and what is written comes part by part. */
const PART: PartLimits = { bytes: 256 * 1024 * 1024, lines: 1_000 }
/** Of all that are under way: inputs, and outputs that are never larger. */
const FILES_AT_ONCE = 2 * BATCHES_AT_ONCE

/** @throws FlocapError invalid_setting where the server takes no batches */
export function createAskAhead(options: BulkOptions): AskAhead {
  const limits = options.part ?? partLimitsOf(options)
  return (run) => askAhead(run, limits, options)
}

function askAhead<Picture>(
  run: AheadRun<Picture>,
  limits: PartLimits,
  { server, status, onEvent, pollMs }: BulkOptions,
): Ahead<Picture> {
  const { sent, signal } = run
  const asking: Asking<Picture> = {
    run,
    model: describeModel(status),
    limits,
    maxLineBytes: Math.min(status.limits.max_body_bytes, limits.bytes),
    recovered: new Map(),
  }
  const runner = createBatchRunner({
    server,
    fingerprint: status.model.fingerprint,
    sent,
    signal,
    onEvent,
    ...(pollMs === undefined ? {} : { pollMs }),
  })
  const takenUp: AnsweredBatch[] = []

  async function takeUp(): Promise<void> {
    for (const known of sent.list()) {
      const batch = known.server === server.url ? await runner.takeUp(known) : undefined
      if (batch === undefined) continue
      takenUp.push(batch)
      for (const [id, answer] of batch.answers) {
        // What failed is asked for again, as in any run.
        if ('body' in answer) asking.recovered.set(id, answer)
      }
    }
  }

  async function* takeTurns(): AsyncGenerator<AheadTurn<Picture>> {
    try {
      await takeUp()
      const parts = pMapIterable(
        cutParts(asking),
        async (part) => answerPart(part, asking, runner),
        { concurrency: BATCHES_AT_ONCE, backpressure: BATCHES_AT_ONCE },
      )
      for await (const turns of parts) yield* turns
    } catch (error) {
      // The run is stopped: what was sent goes on, and is taken up by the next one.
      if (signal?.aborted !== true) throw error
    }
  }

  return {
    turns: takeTurns(),
    async finish() {
      for (const batch of takenUp) await batch.forget()
    },
  }
}

function partLimitsOf({ server, status: { batches } }: BulkOptions): PartLimits {
  if (batches?.limits === undefined) {
    throw new FlocapError('invalid_setting', `The server at ${server.url} takes no batches.`, {
      subject: '--batch',
      hint: 'Leave --batch out, or start that server with a --batch-storage-mb above 0.',
    })
  }
  const { max_file_bytes, max_lines, max_stored_bytes } = batches.limits
  return {
    bytes: Math.min(PART.bytes, max_file_bytes, Math.floor(max_stored_bytes / FILES_AT_ONCE)),
    lines: Math.min(PART.lines, max_lines),
  }
}
