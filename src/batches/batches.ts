// Files and batches of a server, for its HTTP layer: the one way in.
//
// Nothing happens before the first request about them, or before a start finds batches that are open: then
// the folder is locked, since two servers must not run the same lines.
import { chmod } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { createOneAtATime } from '../base/one-at-a-time.ts'
import { answerLine } from './answer-line.ts'
import { assertAdmitted } from './admit-batch.ts'
import { createBatchStore, listOpen } from './batch-store.ts'
import { createEmbeddedQueue } from './embedded-queue.ts'
import { createFileStore, type FileLimits, type FileStore } from './file-store.ts'
import type { LineJob, LineResult } from './line-queue.ts'
import type { LineReader } from './line-reader.ts'
import { createLockedFolder, type Lock } from './locked-folder.ts'
import { type NewBatch, newBatch } from './new-batch.ts'
import { Batch, hasEnded, type StoredBatch } from './objects.ts'
import type { Page, PageRequest } from './page.ts'
import { type BatchServices, notCancellable, type RunningBatch, startBatch } from './run-batch.ts'
import { toStorageError } from './storage-error.ts'
import type { InputLimits } from './validate.ts'
import { type AnswerClaimed, type Claimed, runWorkers } from './workers.ts'

export interface BatchLimits extends FileLimits, InputLimits {}

export interface BatchesOptions {
  /** Absolute path; made when it is needed. */
  readonly root: string
  readonly limits: BatchLimits
  /** Lines that are answered, or on their way, at once. */
  readonly workers: number
  /** Who answers lines; without it this server does it itself. */
  readonly elsewhere?: Elsewhere
  readonly logger: Logger
  readonly metrics?: Metrics
  readonly lock: Lock
  /** Told of each batch that has ended. */
  readonly notify?: BatchServices['notify']
}

export interface Elsewhere {
  /** @param claimed with `reader`, which reads lines as this server does, and the batch's `folder` */
  answer(
    job: LineJob,
    claimed: Claimed & { readonly reader: LineReader; readonly folder: string },
  ): Promise<LineResult>
  /** Why lines cannot be answered there at present; undefined while they are. */
  waitsFor(): FlocapError | undefined
  /** The batch has ended: no more of its lines come. */
  forget(batch: string): void
}

/** All of one process, over all owners. */
export interface BatchesSummary {
  readonly open: number
  readonly lines: { readonly total: number; readonly done: number }
}

export interface Batches {
  readonly limits: BatchLimits
  /** @throws FlocapError batches_elsewhere. */
  files(): Promise<FileStore>
  /** @throws FlocapError not_found, invalid_request, queue_full. */
  create(owner: string, batch: NewBatch): Promise<Batch>
  /** @throws FlocapError not_found, for ids of other owners too. */
  get(owner: string, id: string): Promise<Batch>
  list(owner: string, page: PageRequest): Promise<Page<Batch>>
  /** @throws FlocapError not_found; invalid_request when it is over. */
  cancel(owner: string, id: string): Promise<Batch>
  summary(): BatchesSummary
  /** From now on lines are answered; what an earlier process left goes on. */
  start(reader: LineReader): Promise<void>
  /** Lines that are being answered run again in the next process. */
  close(): Promise<void>
}

const OWNER_ONLY = 0o700

/** Lines of one batch in the queue at once: enough for all workers, and few enough to be fair. */
const MIN_WINDOW = 64

const SWEEP_MS = 3600_000

export function createBatches(options: BatchesOptions): Batches {
  const { root, limits, logger } = options
  const store = createBatchStore(root)
  const files = createFileStore(root, limits)
  const queue = createEmbeddedQueue()
  const running = new Map<string, RunningBatch>()
  const closing = new AbortController()
  const folder = createLockedFolder(root, options.lock, closing.signal)
  const lines = options.metrics?.counter(
    'flocap_batch_lines_total',
    'Lines of batches that were answered.',
  )
  options.metrics?.gauges('flocap_batches', 'Batches that have something to do.', 'status', () => {
    const counts: Record<string, number> = {}
    for (const batch of running.values()) {
      const { status } = batch.current()
      counts[status] = (counts[status] ?? 0) + 1
    }
    return counts
  })
  let reader: LineReader | undefined
  let workers: Promise<unknown> = Promise.resolve()
  let sweeping: NodeJS.Timeout | undefined
  let swept: Promise<void> = Promise.resolve()
  const inTurn = createOneAtATime()
  const creating = createOneAtATime()

  function servicesWith(lineReader: LineReader): BatchServices {
    return {
      store,
      files,
      queue,
      reader: lineReader,
      limits,
      logger,
      inTurn,
      notify: options.notify ?? (async () => undefined),
      waitsFor: () => options.elsewhere?.waitsFor(),
      window: Math.max(MIN_WINDOW, options.workers),
      onLine: (result) => lines?.add(1, { result }),
    }
  }

  /** What is done with a folder that is locked. */
  async function prepare(lineReader: LineReader): Promise<void> {
    // What is uploaded is nobody else's business on this machine.
    await chmod(root, OWNER_ONLY)
    await files.removeLeftovers()
    const pathOf = ({ owner, batch }: LineJob): string => store.paths(owner, batch).input
    const { signal } = closing
    const answer: AnswerClaimed = async (job, { read, ...signals }) =>
      options.elsewhere === undefined
        ? answerLine(job, { reader: lineReader, bytes: await read(), signal: signals.signal })
        : options.elsewhere.answer(job, {
            read,
            ...signals,
            reader: lineReader,
            folder: dirname(pathOf(job)),
          })
    workers = runWorkers({ count: options.workers, queue, answer, pathOf, signal, logger })
    for (const { owner, id } of await listOpen(root)) {
      const stored = await store.find(owner, id)
      if (stored === undefined) await store.close(owner, id)
      else begin(owner, stored, lineReader)
    }
    sweep()
    sweeping = setInterval(sweep, SWEEP_MS).unref()
  }

  /** Beside everything else: what is read for it, nobody waits for. */
  function sweep(): void {
    const { signal } = closing
    const remove = async (): Promise<void> => {
      await files.removeExpired(signal)
      await store.removeExpired((id) => running.has(id), signal)
    }
    swept = swept.then(remove).catch((err: unknown) => {
      logger.warn({ err }, 'what has expired could not be removed')
    })
  }

  /** @throws FlocapError batches_elsewhere while another process works on the folder. */
  async function opened(): Promise<LineReader> {
    const known = reader
    if (known === undefined || closing.signal.aborted) throw closed()
    try {
      await folder.open(async () => prepare(known))
    } catch (error) {
      throw toStorageError(error, 'Opening the folder of batches')
    }
    return known
  }

  function begin(owner: string, stored: StoredBatch, lineReader: LineReader): RunningBatch {
    const batch = startBatch(owner, stored, servicesWith(lineReader))
    running.set(stored.id, batch)
    void forgetWhenEnded(batch, stored.id)
    return batch
  }

  async function forgetWhenEnded(batch: RunningBatch, id: string): Promise<void> {
    await batch.ended
    running.delete(id)
    queue.forget(id)
    options.elsewhere?.forget(id)
  }

  async function find(owner: string, id: string): Promise<StoredBatch> {
    const live = running.get(id)
    if (live?.owner === owner) return live.current()
    const stored = await store.find(owner, id)
    if (stored === undefined) throw noSuchBatch(id)
    return stored
  }

  return {
    limits,
    async files() {
      await opened()
      return files
    },
    async create(owner, wanted) {
      const lineReader = await opened()
      // One after the other, so that requests at the same time do not count the same batches.
      return creating(async () => {
        const own = [...running.values()].flatMap((batch) =>
          batch.owner === owner && !hasEnded(batch.current().status) ? [batch.current()] : [],
        )
        await assertAdmitted(owner, wanted, own, { files, store, limits })
        const stored = newBatch(wanted)
        try {
          await store.create(owner, stored, async ({ input }) =>
            files.linkTo(owner, wanted.inputFileId, input),
          )
        } catch (error) {
          throw toStorageError(error, 'Making the batch')
        }
        begin(owner, stored, lineReader)
        return Batch.parse(stored)
      })
    },
    async get(owner, id) {
      await opened()
      return Batch.parse(await find(owner, id))
    },
    async list(owner, page) {
      await opened()
      const { data, hasMore } = await store.list(owner, page)
      return {
        data: data.map((batch) => Batch.parse(running.get(batch.id)?.current() ?? batch)),
        hasMore,
      }
    },
    async cancel(owner, id) {
      await opened()
      const { status } = await find(owner, id)
      const live = running.get(id)
      if (live === undefined || hasEnded(status)) throw notCancellable(id, status)
      await live.cancel()
      return Batch.parse(live.current())
    },
    summary() {
      const open = [...running.values()].map((batch) => batch.current().request_counts)
      return {
        open: open.length,
        lines: {
          total: open.reduce((sum, { total }) => sum + total, 0),
          done: open.reduce((sum, { completed, failed }) => sum + completed + failed, 0),
        },
      }
    },
    async start(lineReader) {
      reader = lineReader
      if ((await listOpen(root)).length === 0) return
      // With another server on the folder it goes on when that one has ended.
      opened().catch((err: unknown) => logger.warn({ err }, 'open batches wait'))
    },
    async close() {
      closing.abort()
      clearInterval(sweeping)
      for (const batch of running.values()) batch.stop()
      await queue.close()
      await workers
      await Promise.all([...running.values()].map(async (batch) => batch.ended))
      await swept
      await folder.close()
    },
  }
}

function noSuchBatch(id: string): FlocapError {
  return new FlocapError('not_found', `There is no batch ${JSON.stringify(id.slice(0, 80))}.`, {
    hint: 'GET /v1/batches lists the batches of this key.',
    subject: 'batch_id',
  })
}

function closed(): FlocapError {
  return new FlocapError('model_loading', 'The server is starting or ending.')
}
