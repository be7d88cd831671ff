// Batches whose lines are answered by workers on other machines: between the batches of this server and the
// queue that `--queue` names. Interactive requests have nothing to do with it.
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Elsewhere } from '../batches/batches.ts'
import type { FileStore } from '../batches/file-store.ts'
import { isMistake, readLineFields } from '../batches/line-fields.ts'
import type { LineJob, LineResult } from '../batches/line-queue.ts'
import { readResult, renderWired } from '../batches/line-wire.ts'
import type { LineReader } from '../batches/line-reader.ts'
import { renderUnanswered } from '../batches/render-line.ts'
import { FlocapError, toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { replaceFile } from '../base/replace-file.ts'
import { unlessAborted } from '../base/unless-aborted.ts'
import { withAnySignal } from '../base/with-any-signal.ts'
import { inlineStoredFiles } from '../http/body/inline-stored-files.ts'
import { loadQueue } from '../queue/open-queue.ts'
import type { Dispatcher, Lane, WorkerNote } from '../queue/ports.ts'
import { parseQueueUrl } from '../queue/queue-url.ts'
import { createBatchLanes } from './batch-lanes.ts'
import { createByteGate } from './byte-gate.ts'
import { desiredWorkers } from './desired-workers.ts'

/** Lines on their way at once: four for each place of some thirty workers. */
export const QUEUE_WINDOW = 256
/** Of lines on their way, which this process and the broker hold: some hundreds of photos. */
const MAX_BYTES_UNDER_WAY = 256 * 1024 * 1024
/** In the folder of a batch: who answers its lines, so that all its answers come from one model. */
const LANE_FILE = 'lane.json'
/** For a line whose answers cannot be read. */
const MAX_ATTEMPTS = 3
/** Between two looks for workers. */
const WORKERS_MS = 2_000

/** The server ends, or FloCap has a fault: the line runs again. */
const NOT_OF_THE_LINE: ReadonlySet<string> = new Set(['closed', 'internal_error'])

const laneOf = z.object({ model: z.string(), fingerprint: z.string(), kernels: z.string() })

export interface BatchQueue extends Elsewhere {
  close(): Promise<void>
}

export interface BatchQueueOptions {
  /** Of the broker. */
  readonly url: string
  /** Uploaded files of this server, which lines may name. */
  readonly files: () => Promise<Pick<FileStore, 'get' | 'read'>>
  /** Of such a file. */
  readonly maxPictureBytes: number
  /** Of all open batches. */
  readonly linesLeft: () => number
  readonly logger: Logger
  readonly metrics: Metrics
}

/**
 * @throws FlocapError invalid_setting for an address that cannot be read, and packages that are missing
 */
export async function openBatchQueue({
  url,
  files,
  maxPictureBytes,
  linesLeft,
  logger,
  metrics,
}: BatchQueueOptions): Promise<BatchQueue> {
  const address = parseQueueUrl(url)
  const closing = new AbortController()
  const gate = createByteGate(MAX_BYTES_UNDER_WAY)
  let waitsForWorkers: string | undefined
  let front: Dispatcher | undefined
  let workers: readonly WorkerNote[] = []

  const queue = await loadQueue(address, {
    onTrouble(sentence) {
      if (sentence === undefined) logger.info({ queue: address.shown }, 'the queue answers')
      else logger.warn({ queue: address.shown, why: sentence }, 'the queue does not answer')
    },
  })
  const connected = queue.openFront(closing.signal).then((opened) => {
    front = opened
    return opened
  })
  // Lines wait for it; a server that ends before does not.
  connected.catch(() => undefined)

  metrics.gauge(
    'flocap_queue_workers',
    'Workers that have announced themselves.',
    () => workers.length,
  )
  metrics.gauge('flocap_queue_places', 'Lines that those workers answer at once.', () =>
    workers.reduce((sum, { places }) => sum + places, 0),
  )
  metrics.gauge(
    'flocap_queue_desired_workers',
    'Workers that would answer what is left of all batches within an hour.',
    () => desiredWorkers(linesLeft(), workers),
  )
  const looking = setInterval(() => void lookForWorkers(), WORKERS_MS).unref()

  /** While the broker is away, those that were there last are counted. */
  async function lookForWorkers(): Promise<void> {
    workers = (await front?.workers().catch(() => undefined)) ?? workers
  }

  /** Decided by a batch's first line, and then for good. */
  async function chooseLane(folder: string, signal: AbortSignal): Promise<Lane> {
    const path = join(folder, LANE_FILE)
    const known = await readFile(path, 'utf8').catch(() => undefined)
    if (known !== undefined) return laneOf.parse(JSON.parse(known))
    for (;;) {
      const dispatcher = await unlessAborted(connected, signal)
      const lane = largestLane(await dispatcher.workers().catch(() => []))
      if (lane !== undefined) {
        waitsForWorkers = undefined
        await replaceFile(path, JSON.stringify(lane))
        return lane
      }
      waitsForWorkers = `No worker has announced itself at ${address.shown}.`
      await sleep(WORKERS_MS, undefined, { signal })
    }
  }

  const lanes = createBatchLanes(async (folder) => chooseLane(folder, closing.signal))

  /** The line as it goes on its way: with the pictures of files that it names. */
  async function payloadOf(job: LineJob, bytes: Uint8Array): Promise<string> {
    const store = await files()
    const text = await inlineStoredFiles(Buffer.from(bytes).toString('utf8'), async (id) => {
      const file = await store.get(job.owner, id)
      if (file.bytes <= maxPictureBytes) return store.read(job.owner, id)
      throw new FlocapError(
        'image_file_too_large',
        `Expected a picture of at most ${maxPictureBytes} bytes, got ${id} with ${file.bytes}.`,
      )
    })
    return renderWired(job, text)
  }

  async function giveAway(
    dispatcher: Dispatcher,
    lane: Lane,
    job: LineJob,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<LineResult> {
    const payload = await payloadOf(job, bytes)
    for (let attempt = 1; ; attempt += 1) {
      const answer = await dispatcher.run(lane, { id: `${job.batch}.${job.line}`, payload }, signal)
      const result = resultOf(answer.text, job)
      // A front that dies before the result stands in the output finds it neither there nor in the queue,
      // and has the line answered again: the output still has it once.
      await answer.settle()
      if (result !== undefined) return result
      if (attempt === MAX_ATTEMPTS) {
        throw new FlocapError('engine_failed', 'What workers answered is no answer to this line.')
      }
    }
  }

  /** Undefined for what is no answer to this line: of another version, or not from a worker at all. */
  function resultOf(text: string, job: LineJob): LineResult | undefined {
    try {
      return readResult(text, job)
    } catch (err) {
      logger.warn({ batch: job.batch, line: job.line, err }, 'an answer to another question')
      return undefined
    }
  }

  async function answerClaimed(
    job: LineJob,
    { read, reader, folder }: Omit<Parameters<Elsewhere['answer']>[1], 'signal' | 'unwanted'>,
    signal: AbortSignal,
  ): Promise<LineResult> {
    const lane = await unlessAborted(lanes.of(job.batch, folder), signal)
    const dispatcher = await unlessAborted(connected, signal)
    const leave = await gate.enter(job.length, signal)
    try {
      const bytes = await read()
      return await giveAway(dispatcher, lane, job, bytes, signal).catch(async (error: unknown) => {
        signal.throwIfAborted()
        const failure = toFlocapError(error)
        if (NOT_OF_THE_LINE.has(failure.code)) throw error
        return await failedLine(job, bytes, reader, failure)
      })
    } finally {
      leave()
    }
  }

  return {
    answer: async (job, { signal: ending, unwanted, ...claimed }) =>
      withAnySignal([ending, unwanted], async (signal) => answerClaimed(job, claimed, signal)),
    waitsFor() {
      const reason = queue.trouble() ?? waitsForWorkers
      return reason === undefined ? undefined : new FlocapError('queue_waits', reason)
    },
    forget: (batch) => lanes.forget(batch),
    async close() {
      closing.abort(new FlocapError('closed', 'The server ends.'))
      clearInterval(looking)
      await front?.close()
    },
  }
}

/** The way of computing that has most places. */
function largestLane(notes: readonly WorkerNote[]): Lane | undefined {
  const places = new Map<string, { lane: Lane; places: number }>()
  for (const { model, fingerprint, kernels, places: count, draining } of notes) {
    if (draining) continue
    const key = `${fingerprint} ${kernels}`
    const known = places.get(key) ?? { lane: { model, fingerprint, kernels }, places: 0 }
    places.set(key, { ...known, places: known.places + count })
  }
  return [...places.values()].toSorted((a, b) => b.places - a.places)[0]?.lane
}

async function failedLine(
  job: LineJob,
  bytes: Uint8Array,
  reader: LineReader,
  { code, message }: FlocapError,
): Promise<LineResult> {
  const fields = readLineFields((await reader.read(bytes)).fields, job.endpoint)
  return renderUnanswered(job, isMistake(fields) ? '' : fields.customId, { code, message })
}
