// A model whose files may still be on their way: the server answers meanwhile, and says how far it is.
import { setTimeout as delay } from 'node:timers/promises'
import { FlocapError, toFlocapError } from '../base/errors.ts'
import { withAnySignal } from '../base/with-any-signal.ts'
import type {
  ModelDescription,
  DrawingForm,
  LookRequest,
  PictureLook,
  PictureView,
  VisionAnswer,
  VisionHooks,
  VisionModel,
  VisionRequest,
} from '../caption/ports.ts'
import type { SupervisedEngine } from '../engine/pool.ts'
import type { EngineState, Restarts } from '../engine/supervisor.ts'
import { describeUnloaded } from '../engine/unloaded.ts'
import type { Readiness } from '../http/surface.ts'
import { describeProgress, type OnInstallEvent } from './install-progress.ts'

/** A download takes minutes; asking more often brings nothing. */
const DOWNLOAD_RETRY_SECONDS = 10

const NO_RESTARTS: Restarts = { died: 0, hung: 0, memory: 0 }

export interface LateModelOptions {
  /** What is known of the model beforehand. */
  readonly id: string
  readonly demo: boolean
  /** Gets the model's files and starts an engine with them; rejects when `signal` fires. */
  readonly prepare: (onEvent: OnInstallEvent, signal: AbortSignal) => Promise<SupervisedEngine>
  /**
   * Whether a failure of `prepare` is followed by another attempt, and after which pause in
   * milliseconds; undefined for none. By default there is none.
   */
  readonly retryAfter?: (error: FlocapError, failures: number) => number | undefined
  /** Milliseconds that a request waits for the model; 0, the default, refuses it at once. */
  readonly loadWaitMs?: number
}

export interface LoadWait {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that the request has waited already, which count. */
  readonly waitedMs?: number
}

export class LateModel implements VisionModel {
  readonly #known: ModelDescription
  readonly #abort = new AbortController()
  readonly #prepared: Promise<SupervisedEngine>
  readonly #loadWaitMs: number
  /** Rejects when the attempt in progress fails, whether or not another one follows. */
  #failed: Deferred
  #engine: SupervisedEngine | undefined
  #failure: FlocapError | undefined
  /** Undefined while nothing has to be downloaded. */
  #progress: string | undefined

  constructor(options: LateModelOptions) {
    const { id, demo, loadWaitMs = 0 } = options
    this.#loadWaitMs = loadWaitMs
    this.#known = describeUnloaded({ modelId: id, demo })
    this.#failed = createDeferred()
    this.#prepared = this.#prepareUntilDone(options)
    // Who waits for it sees the failure; nobody has to.
    this.#prepared.catch(() => undefined)
  }

  /** Until the model is loaded only its name is known. */
  get description(): ModelDescription {
    return this.#engine?.description ?? this.#known
  }

  /** For /ready. */
  get readiness(): Readiness {
    if (this.#failure) return { ready: false, status: 'failed', reason: this.#failure.message }
    if (!this.#engine) return { ready: false, reason: this.#progress ?? 'loading' }
    return toReadiness(this.#engine.state)
  }

  /** How often the engine process was replaced, by cause. */
  get restarts(): Restarts {
    return this.#engine?.restarts ?? NO_RESTARTS
  }

  /** Memory of the engine process, in bytes; 0 while there is none. */
  get residentBytes(): number {
    return this.#engine?.residentBytes ?? 0
  }

  /** Resolves when requests can be answered. @throws FlocapError when the model cannot be had. */
  async ready(): Promise<void> {
    await (await Promise.race([this.#prepared, this.#failed.promise])).ready()
  }

  /** As `ready`, but waits through failures that are followed by another attempt. */
  async eventuallyReady(): Promise<void> {
    await (await this.#prepared).eventuallyReady()
  }

  /**
   * Resolves at once, or when a model that is being loaded can be asked.
   *
   * @throws FlocapError `model_loading` when that takes too long, `cancelled`, or what the model fails
   * with: a model that has failed is not waited for.
   */
  async loaded({ signal, waitedMs = 0 }: LoadWait = {}): Promise<void> {
    if (!this.#isLoading()) return
    const left = this.#loadWaitMs - waitedMs
    if (left <= 0) throw this.#loading()
    const ended = new AbortController()
    const signals = signal === undefined ? [ended.signal] : [signal, ended.signal]
    const late = withAnySignal(signals, async (either) => delay(left, true, { signal: either }))
    try {
      // The latter rejects when the client hangs up.
      const isLate = await Promise.race([this.ready().then(() => false), late])
      if (isLate) throw this.#loading()
    } catch (error) {
      if (signal?.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
      throw error
    } finally {
      ended.abort()
    }
  }

  /**
   * Resolves when all of `description` is known.
   *
   * @throws FlocapError as `loaded`, and what a model that has failed did so with.
   */
  async described(wait: LoadWait = {}): Promise<void> {
    await this.loaded(wait)
    const { state } = this.#required()
    if (state.kind === 'failed') throw state.error
  }

  async answer(request: VisionRequest, hooks: VisionHooks = {}): Promise<VisionAnswer> {
    await this.loaded({ signal: hooks.signal })
    return this.#required().answer(request, hooks)
  }

  /** The picture as it is looked at, with an SVG overlay of our own on it, as a file. */
  async draw(
    picture: Uint8Array,
    overlay: string,
    view: PictureView,
    form: DrawingForm = 'png',
  ): Promise<Uint8Array> {
    await this.loaded()
    return this.#required().draw(picture, overlay, view, form)
  }

  async look(request: LookRequest): Promise<PictureLook> {
    await this.loaded()
    return this.#required().look(request)
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await this.#prepared.then(
      (engine) => engine.close(),
      () => undefined,
    )
  }

  async #prepareUntilDone({
    prepare,
    retryAfter = () => undefined,
  }: LateModelOptions): Promise<SupervisedEngine> {
    const { signal } = this.#abort
    for (let failures = 1; ; failures += 1) {
      try {
        const engine = await prepare((event) => {
          const progress = describeProgress(event)
          if (progress === undefined) return
          this.#progress = progress
          if (this.#failure === undefined) return
          // Another attempt after a failure is on its way.
          this.#failure = undefined
          this.#failed = createDeferred()
        }, signal)
        this.#engine = engine
        this.#failure = undefined
        return engine
      } catch (error) {
        const failure = toFlocapError(error)
        this.#failure = failure
        this.#progress = undefined
        this.#failed.reject(failure)
        const pause = signal.aborted ? undefined : retryAfter(failure, failures)
        if (pause === undefined) throw failure
        await delay(pause, undefined, { signal, ref: false }).catch(() => undefined)
        if (signal.aborted) throw failure
      }
    }
  }

  #isLoading(): boolean {
    if (this.#failure) return false
    return this.#engine === undefined || this.#engine.state.kind === 'loading'
  }

  #required(): SupervisedEngine {
    if (this.#failure) throw this.#failure
    if (this.#engine) return this.#engine
    throw this.#loading()
  }

  #loading(): FlocapError {
    const isDownload = this.#engine === undefined && this.#progress !== undefined
    return new FlocapError(
      'model_loading',
      isDownload
        ? `The model is not here yet: ${this.#progress}.`
        : 'The model is still being loaded.',
      {
        hint: isDownload ? 'Try again when it is.' : 'Try again in a few seconds.',
        retryAfterSeconds: isDownload ? DOWNLOAD_RETRY_SECONDS : 3,
      },
    )
  }
}

function toReadiness(state: EngineState): Readiness {
  switch (state.kind) {
    case 'ready':
    // The next request wakes it.
    case 'sleeping':
      return { ready: true }
    case 'failed':
      return { ready: false, status: 'failed', reason: state.error.message }
    case 'restarting':
      return { ready: false, status: 'restarting', reason: 'The engine process is restarted.' }
    case 'loading':
    case 'closed':
      return { ready: false, reason: state.kind }
  }
}

interface Deferred {
  readonly promise: Promise<never>
  readonly reject: (error: FlocapError) => void
}

/** A promise that only ever rejects, and whose rejection nobody has to handle. */
function createDeferred(): Deferred {
  let settle: ((error: FlocapError) => void) | undefined
  const promise = new Promise<never>((_, reject) => {
    settle = reject
  })
  promise.catch(() => undefined)
  return { promise, reject: (error) => settle?.(error) }
}
