// Who may use the model, and when: a bounded queue in front of a captioner, fair between clients.
//
// It stands inside the answer cache and the sharing of runs: what is known already or is being
// answered needs no place here, so those requests are answered even when the queue is full. Only of a
// client that has filled the queue itself nothing more needs to be read; see `refusal`. Whoever asks in bulk
// stands behind people; see `waiting-line.ts`.
import { FlocapError, toFlocapError } from '../base/errors.ts'
import { withAnySignal } from '../base/with-any-signal.ts'
import type { CaptionTasksHooks, TasksCaptioner } from './captioner.ts'
import { createLoadMeter } from './load.ts'
import { DEFAULT_PRIORITY, type Priority } from './priority.ts'
import { createTasksCaptioner } from './tasks-captioner.ts'
import { createWaitingLine, type Waiter } from './waiting-line.ts'

export interface AdmissionOptions {
  /** Requests inside the captioner at once: as many as the runtime works on. */
  readonly places: number
  /** Requests that it computes side by side rather than by turns. */
  readonly engines: number
  /** Requests that may wait. */
  readonly maxWaiting: number
  /** Bytes of pictures that may wait. */
  readonly maxWaitingBytes: number
  /** Milliseconds that one may wait. */
  readonly queueTimeoutMs: number
  /** Milliseconds that one may run. */
  readonly runTimeoutMs: number
  /**
   * Awaited by every request that has a place before it runs, with the milliseconds that it waited for
   * the place: a model that is being loaded. This time is no part of the run; a rejection is the
   * request's error.
   */
  readonly prepare?: (wait: {
    readonly signal?: AbortSignal
    readonly waitedMs: number
  }) => Promise<void>
  /** Told how long each request waited before it began, in milliseconds. */
  readonly onBegin?: (waitedMs: number, priority: Priority) => void
}

/** The runtime works on four requests: one computes while others are decoded and prepared. */
const DEFAULT_PLACES = 4
/** On a slow machine the last of them waits for some minutes: longer than its client does. */
const DEFAULT_MAX_WAITING = 64
const DEFAULT_MAX_WAITING_BYTES = 256 * 1024 * 1024
/** Clients give up after one to five minutes; work for nobody would only delay the others. */
const DEFAULT_QUEUE_TIMEOUT_MS = 120_000
/** The longest answer of the largest model on an old machine takes about half of this. */
const DEFAULT_RUN_TIMEOUT_MS = 300_000

export const DEFAULT_ADMISSION: AdmissionOptions = {
  places: DEFAULT_PLACES,
  engines: 1,
  maxWaiting: DEFAULT_MAX_WAITING,
  maxWaitingBytes: DEFAULT_MAX_WAITING_BYTES,
  queueTimeoutMs: DEFAULT_QUEUE_TIMEOUT_MS,
  runTimeoutMs: DEFAULT_RUN_TIMEOUT_MS,
}

/** For balancers and for what starts and stops servers. */
export interface Load {
  readonly places: number
  readonly freePlaces: number
  readonly waiting: number
  /** Until the next interactive request would begin; 0 where a place is free. */
  readonly waitMs: number
  /** Of the whole server, that one answer needs. */
  readonly serviceMs: number
  /** This server's part of the number of servers that the load asks for: see `load.ts`. */
  readonly desiredReplicas: number
}

export interface AdmittingCaptioner extends TasksCaptioner {
  /** Requests that wait. */
  readonly waiting: number
  /** Requests inside the captioner. */
  readonly running: number
  /** Requests of this class that wait. */
  waitingOf(priority: Priority): number
  /** Whether the next interactive request would be refused; bulk that waits makes room for it. */
  readonly full: boolean
  /**
   * Other work with a picture, of that many bytes, in its turn among the requests.
   *
   * @throws FlocapError as a request, or what `work` throws.
   */
  admit<T>(
    bytes: number,
    hooks: CaptionTasksHooks,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>
  readonly load: Load
  /** The error that the next request of this client and class would fail with, whatever its picture. */
  refusal(client: string, priority?: Priority): FlocapError | undefined
}

/**
 * A captioner that lets `places` requests at a time into `captioner`; the others wait, by turns of
 * their clients (`hooks.client`). When the queue is full, the newest request of the client that
 * has most of it makes room for a client that has less; bulk (`hooks.priority`) makes room for
 * interactive requests first, and none for bulk.
 *
 * @returns a captioner that also fails with queue_full, queue_timeout and run_timeout.
 */
export function withAdmission(
  captioner: TasksCaptioner,
  options: AdmissionOptions = DEFAULT_ADMISSION,
): AdmittingCaptioner {
  const { places, engines, maxWaiting, maxWaitingBytes, queueTimeoutMs, runTimeoutMs } = options
  const line = createWaitingLine({ maxWaiting, maxWaitingBytes })
  const meter = createLoadMeter(engines)
  let running = 0

  function estimateWaitMs(priority: Priority): number {
    return meter.serviceMs * (line.aheadOf(priority) + 1)
  }

  function estimateWaitSeconds(priority: Priority): number {
    return Math.max(1, Math.ceil(estimateWaitMs(priority) / 1000))
  }

  function queueFull(priority: Priority): FlocapError {
    const retryAfterSeconds = estimateWaitSeconds(priority)
    if (priority === 'bulk') {
      const message = `Too many requests are waiting for one more in bulk: ${line.size}.`
      const hint = 'Bulk makes room for interactive requests. Send this request again later.'
      return new FlocapError('queue_full', message, { hint, retryAfterSeconds })
    }
    return new FlocapError('queue_full', `Too many requests are waiting: ${line.size}.`, {
      hint: 'Send this request again later, or send fewer at a time.',
      retryAfterSeconds,
    })
  }

  async function enter(
    bytes: number,
    { client = '', priority = DEFAULT_PRIORITY, signal, onWait }: CaptionTasksHooks,
  ): Promise<void> {
    // A place is free only where nobody waits: `giveUpPlace` hands it over.
    if (running < places) {
      running += 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const leave = (error: FlocapError): void => {
        line.remove(waiter)
        stopWaiting()
        reject(error)
        line.tellPlaces()
      }
      const onAbort = (): void => leave(cancelled())
      const timer = setTimeout(() => {
        const message = `The request waited ${queueTimeoutMs / 1000} seconds for its turn.`
        const retryAfterSeconds = estimateWaitSeconds(priority)
        leave(new FlocapError('queue_timeout', message, { retryAfterSeconds }))
      }, queueTimeoutMs)
      const stopWaiting = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = {
        client,
        priority,
        bytes,
        begin() {
          stopWaiting()
          resolve()
        },
        displace: () => leave(queueFull(priority)),
        onPlace: onWait,
      }
      if (!line.add(waiter)) {
        stopWaiting()
        reject(queueFull(priority))
        return
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      line.tellPlaces()
    })
  }

  /** The place is handed over, so that nobody who comes meanwhile can take it. */
  function giveUpPlace(): void {
    const next = line.take()
    if (next === undefined) running -= 1
    else next.begin()
    line.tellPlaces()
  }

  async function prepare(came: number, { signal }: CaptionTasksHooks): Promise<void> {
    try {
      await options.prepare?.({
        waitedMs: performance.now() - came,
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (error) {
      giveUpPlace()
      throw error
    }
  }

  /** A run that was given up still computes until it notices: its place is free only then. */
  async function settle(result: Promise<unknown>): Promise<void> {
    try {
      await result
    } catch {
      // The request that waits for the result is told.
    } finally {
      giveUpPlace()
    }
  }

  /** Failures say nothing about how long answers take. */
  async function measured<T>(work: () => Promise<T>): Promise<T> {
    const end = meter.begin()
    try {
      const result = await work()
      end(true)
      return result
    } catch (error) {
      end(false)
      throw error
    }
  }

  async function run<T>(
    hooks: CaptionTasksHooks,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = new AbortController()
    const signals = hooks.signal === undefined ? [] : [hooks.signal]
    const result = withAnySignal([...signals, limit.signal], work)
    void settle(result)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(runTimeout(runTimeoutMs))
        limit.abort()
      }, runTimeoutMs)
    })
    try {
      return await Promise.race([result, late])
    } catch (error) {
      throw limit.signal.aborted ? runTimeout(runTimeoutMs) : toFlocapError(error)
    } finally {
      clearTimeout(timer)
    }
  }

  async function admit<T>(
    bytes: number,
    hooks: CaptionTasksHooks,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (hooks.signal?.aborted) throw cancelled()
    const came = performance.now()
    await enter(bytes, hooks)
    await prepare(came, hooks)
    options.onBegin?.(performance.now() - came, hooks.priority ?? DEFAULT_PRIORITY)
    return run(hooks, work)
  }

  const admitting = createTasksCaptioner(
    () => captioner.model,
    async (request, hooks = {}) =>
      admit(request.picture.byteLength, hooks, async (signal) =>
        measured(async () => captioner.captionTasks(request, { ...hooks, signal })),
      ),
  )
  return {
    get model() {
      return admitting.model
    },
    caption: async (request, hooks) => admitting.caption(request, hooks),
    captionTasks: async (request, hooks) => admitting.captionTasks(request, hooks),
    admit,
    get waiting() {
      return line.size
    },
    waitingOf: (priority) => line.sizeOf(priority),
    get running() {
      return running
    },
    get full() {
      return running >= places && line.isFullFor('interactive')
    },
    get load() {
      return {
        places,
        freePlaces: places - running,
        waiting: line.size,
        waitMs: running < places ? 0 : estimateWaitMs('interactive'),
        serviceMs: meter.serviceMs,
        desiredReplicas: meter.desiredReplicas(line.size),
      }
    },
    refusal: (client, priority = DEFAULT_PRIORITY) =>
      running >= places && !line.hasRoomFor(client, priority) ? queueFull(priority) : undefined,
  }
}

function cancelled(): FlocapError {
  return new FlocapError('cancelled', 'The request was cancelled.')
}

function runTimeout(ms: number): FlocapError {
  return new FlocapError('run_timeout', `Captioning took longer than ${ms / 1000} seconds.`, {
    hint: 'Ask for fewer tasks or a shorter answer.',
  })
}
