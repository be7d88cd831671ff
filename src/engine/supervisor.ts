// The engine as the rest of the server sees it: a VisionModel that survives its process.
//
// A process that dies is started again. Each request that it was working on may be the cause, so the
// new one is asked them one at a time; a picture that kills it twice in this way is refused for a
// while, and the others are answered.
//
// Memory goes back to the system only when a process ends, so an engine that has grown is replaced, and
// one that nobody has asked for long sleeps: there is no process until somebody asks.
import { setTimeout as delay } from 'node:timers/promises'
import { FlocapError, toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
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
import { EngineProcess } from './engine-process.ts'
import { createGate } from './gate.ts'
import { isFinal, pauseAfter } from './keep-trying.ts'
import { createPoison, rejected } from './poison.ts'
import type { LoadingProgress, LoadOptions, PicturesOnly } from './protocol.ts'
import { describeUnloaded } from './unloaded.ts'

/** Pause before a new engine, doubled for each death in a row up to the last. */
const RESTART_PAUSES_MS = [100, 500, 2_000, 10_000]
/** An engine that did this was healthy: the next death counts as the first again. */
const HEALTHY_AFTER_MS = 60_000
const HEALTHY_AFTER_ANSWERS = 5
/** An engine that dies so often in a row before its model is loaded will not come up by itself. */
const MAX_DEATHS_WHILE_LOADING = 4
/** Some ten times the longest graph run of the largest model on an old machine. */
const DEFAULT_SILENCE_MS = 120_000
/** An engine this young is not replaced for its memory: a limit below what it needs helps nobody. */
const MIN_AGE_MS = 60_000

export type EngineState =
  | { readonly kind: 'loading' | 'ready' | 'restarting' | 'sleeping' | 'closed' }
  | { readonly kind: 'failed'; readonly error: FlocapError }

export interface EngineOptions {
  readonly load: LoadOptions | PicturesOnly
  readonly log: Logger
  /** The built engine program. */
  readonly entry?: URL
  /** Milliseconds without a sign of life, while it has work, after which a process is replaced. */
  readonly silenceMs?: number
  /** Memory of the process above which it is replaced between requests; 0, the default, for none. */
  readonly maxResidentBytes?: number
  /** Milliseconds before a process may be replaced for its memory. */
  readonly minAgeMs?: number
  /** Milliseconds without a request after which the process is ended; 0, the default, for never. */
  readonly idleMs?: number
  /** Try again to load a model that cannot be loaded, ever more seldom; by default it has failed. */
  readonly keepTrying?: boolean
  /** Within a program of others: no listener is installed on its process. */
  readonly isEmbedded?: boolean
  /** Told how far the model of each process is. */
  readonly onLoading?: ((progress: LoadingProgress) => void) | undefined
}

/** How often processes were replaced since the start, by cause. */
export interface Restarts {
  readonly died: number
  readonly hung: number
  readonly memory: number
}

export class Engine implements VisionModel {
  readonly #options: EngineOptions
  readonly #log: Logger
  #description: ModelDescription
  #process: EngineProcess
  #state: EngineState = { kind: 'loading' }
  readonly #gate = createGate()
  readonly #poison = createPoison()
  #restarts: Restarts = { died: 0, hung: 0, memory: 0 }
  #born = performance.now()
  /** An end on purpose waits for its moment. */
  #retiring = false
  /** The last process that was ended on purpose. */
  #retired: { readonly engine: EngineProcess; readonly cause: 'memory' | 'idle' } | undefined
  /** Requests that are not answered yet. */
  #asking = 0
  #idleTimer: NodeJS.Timeout | undefined
  /** Resolves at the next change of state. */
  #changed = createSignal()

  constructor(options: EngineOptions) {
    this.#options = options
    this.#log = options.log
    this.#description = describeUnloaded(options.load.source === undefined ? {} : options.load)
    this.#process = this.#start()
    void this.#supervise()
  }

  /** Until the model is loaded only its name is known. */
  get description(): ModelDescription {
    return this.#description
  }

  get state(): EngineState {
    return this.#state
  }

  /** Process id of the engine, for `doctor` and tests. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Memory that the process takes, in bytes; 0 while there is none. */
  get residentBytes(): number {
    return this.#state.kind === 'sleeping' ? 0 : this.#process.residentBytes
  }

  get restarts(): Restarts {
    return this.#restarts
  }

  /** Resolves when requests can be answered. @throws FlocapError when the model cannot be loaded. */
  async ready(): Promise<void> {
    if (this.#state.kind === 'sleeping') this.#setState({ kind: 'restarting' })
    while (this.#state.kind === 'loading' || this.#state.kind === 'restarting') {
      await this.#changed.promise
    }
    if (this.#state.kind === 'failed') throw this.#state.error
    if (this.#state.kind === 'closed') throw new FlocapError('cancelled', 'The server is closing.')
  }

  /** As `ready`, but waits through failures that are followed by another attempt. */
  async eventuallyReady(): Promise<void> {
    const { keepTrying = false } = this.#options
    const isRetried = (state: EngineState): boolean =>
      keepTrying && state.kind === 'failed' && !isFinal(state.error)
    while (this.#state.kind === 'loading' || isRetried(this.#state)) await this.#changed.promise
    await this.ready()
  }

  async answer(request: VisionRequest, hooks: VisionHooks = {}): Promise<VisionAnswer> {
    let streamed = false
    const { onText } = hooks
    // An engine sends text whether or not anybody listens; only a listener has heard it.
    const listening =
      onText === undefined
        ? {}
        : {
            onText(query: number, text: string): void {
              streamed = true
              onText(query, text)
            },
          }
    return this.#ask(
      request.picture,
      async (engine) => engine.answer(request, { ...hooks, ...listening }),
      // Text that was sent cannot be taken back, and a second run would send it again.
      () => !streamed,
      hooks.signal,
    )
  }

  /** The picture as it is looked at, with an SVG overlay of our own on it, as a file. */
  async draw(
    picture: Uint8Array,
    overlay: string,
    view: PictureView,
    form: DrawingForm = 'png',
  ): Promise<Uint8Array> {
    return this.#ask(
      picture,
      async (engine) => engine.draw(picture, overlay, view, form),
      () => true,
    )
  }

  async look(request: LookRequest): Promise<PictureLook> {
    return this.#ask(
      request.picture,
      async (engine) => engine.look(request),
      () => true,
    )
  }

  /** Asks the living engine, and the next one if it dies meanwhile. */
  async #ask<T>(
    picture: Uint8Array,
    question: (engine: EngineProcess) => Promise<T>,
    mayAskAgain: () => boolean,
    signal?: AbortSignal,
  ): Promise<T> {
    if (this.#state.kind === 'loading') {
      throw new FlocapError('model_loading', 'The model is still being loaded.', {
        hint: 'Try again in a few seconds.',
        retryAfterSeconds: 3,
      })
    }
    this.#poison.assertAccepted(picture)
    this.#asking += 1
    try {
      return await this.#askUntilAnswered(picture, question, mayAskAgain, signal)
    } finally {
      this.#asking -= 1
      this.#countIdleTime()
    }
  }

  async #askUntilAnswered<T>(
    picture: Uint8Array,
    question: (engine: EngineProcess) => Promise<T>,
    mayAskAgain: () => boolean,
    signal?: AbortSignal,
  ): Promise<T> {
    let engine: EngineProcess | undefined
    const attempt = async (): Promise<T> => {
      engine = undefined
      // While an engine is restarted requests wait for it: they were accepted already.
      await this.ready()
      if (signal?.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
      engine = this.#process
      return question(engine)
    }
    for (let first = true; ; first = false) {
      try {
        const answer = await (first ? this.#gate.together(attempt) : this.#gate.alone(attempt))
        this.#poison.acquit(picture)
        return answer
      } catch (error) {
        const failure = toFlocapError(error)
        if (failure.code !== 'engine_failed' || engine?.end === undefined) throw failure
        const wasAlone = engine.end.requests === 1
        if (wasAlone && this.#poison.blame(picture)) {
          this.#log.error({ bytes: picture.byteLength }, 'a picture that kills engines is refused')
          throw rejected()
        }
        if (!mayAskAgain() || signal?.aborted) throw failure
        this.#log.warn({ wasAlone }, 'asking again after the engine died')
      }
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idleTimer)
    this.#setState({ kind: 'closed' })
    await this.#process.close()
  }

  #start(): EngineProcess {
    const { load, log, silenceMs = DEFAULT_SILENCE_MS } = this.#options
    const { entry = new URL('./main.js', import.meta.url) } = this.#options
    this.#born = performance.now()
    return new EngineProcess({
      entry,
      load,
      log: log.child({ part: 'engine' }),
      silenceMs,
      isEmbedded: this.#options.isEmbedded ?? false,
      onLoading: this.#options.onLoading,
      onStatus: () => this.#limitMemory(),
    })
  }

  #limitMemory(): void {
    const { maxResidentBytes = 0, minAgeMs = MIN_AGE_MS } = this.#options
    const isLarge = maxResidentBytes > 0 && this.residentBytes > maxResidentBytes
    const age = performance.now() - this.#born
    if (!isLarge || this.#retiring || this.#state.kind !== 'ready' || age < minAgeMs) return
    this.#retire('memory')
  }

  /** From now on, unless somebody asks. */
  #countIdleTime(): void {
    const { idleMs = 0 } = this.#options
    clearTimeout(this.#idleTimer)
    if (idleMs === 0) return
    this.#idleTimer = setTimeout(() => {
      if (this.#asking === 0 && this.#state.kind === 'ready' && !this.#retiring)
        this.#retire('idle')
    }, idleMs)
    this.#idleTimer.unref()
  }

  /** Ends the process when it has no work. */
  #retire(cause: 'memory' | 'idle'): void {
    this.#retiring = true
    const engine = this.#process
    void this.#gate.alone(async () => {
      this.#retiring = false
      // It may have died while it waited for its requests to end.
      if (this.#state.kind !== 'ready' || engine !== this.#process) return
      // And somebody may have asked.
      if (cause === 'idle' && this.#asking > 0) return
      const { residentBytes } = engine
      if (cause === 'memory')
        this.#log.warn({ residentBytes }, 'the engine is replaced: its memory')
      else this.#log.info({ residentBytes }, 'the engine sleeps until somebody asks')
      this.#retired = { engine, cause }
      // Requests that come now wait for the next process.
      this.#setState({ kind: cause === 'memory' ? 'restarting' : 'sleeping' })
      await engine.close()
    })
  }

  /** Loads, watches and replaces processes until the engine is closed or its model cannot be loaded. */
  async #supervise(): Promise<void> {
    for (let deaths = 0, deathsWhileLoading = 0, failures = 0; ;) {
      const engine = this.#process
      try {
        this.#description = await engine.loaded
        if (this.#isClosed()) return
        this.#setState({ kind: 'ready' })
        this.#countIdleTime()
        deathsWhileLoading = 0
        failures = 0
      } catch (error) {
        const failure = toFlocapError(error)
        deathsWhileLoading += 1
        // A death is followed by a new attempt; a model that cannot be loaded is not.
        const hopeless =
          failure.code !== 'engine_failed' || deathsWhileLoading >= MAX_DEATHS_WHILE_LOADING
        if (hopeless && !this.#isClosed()) {
          this.#setState({ kind: 'failed', error: failure })
          await engine.close()
          if (this.#options.keepTrying !== true || isFinal(failure)) return
          failures += 1
          if (!(await this.#pauseBeforeLoading(failure, failures))) return
          deathsWhileLoading = 0
          this.#process = this.#start()
          continue
        }
      }
      const { how, hung } = await engine.ended
      while (this.#state.kind === 'sleeping') await this.#changed.promise
      if (this.#isClosed()) return
      this.#setState({ kind: 'restarting' })
      if (this.#retired?.engine === engine) {
        if (this.#retired.cause === 'memory') this.#count('memory')
        deaths = 0
        this.#process = this.#start()
        continue
      }
      this.#count(hung ? 'hung' : 'died')
      const wasHealthy =
        engine.answered >= HEALTHY_AFTER_ANSWERS ||
        performance.now() - this.#born > HEALTHY_AFTER_MS
      deaths = wasHealthy ? 1 : deaths + 1
      const pause = RESTART_PAUSES_MS[Math.min(deaths, RESTART_PAUSES_MS.length) - 1]!
      this.#log.error({ how, restartInMs: pause }, 'the engine process ended')
      await delay(pause)
      if (this.#isClosed()) return
      this.#process = this.#start()
    }
  }

  /** The state stays `failed`, with its reason, until a later attempt works. @returns false when closed. */
  async #pauseBeforeLoading(error: FlocapError, failures: number): Promise<boolean> {
    const retryInMs = pauseAfter(failures)
    this.#log.error({ error, retryInMs }, 'the model cannot be loaded')
    await delay(retryInMs, undefined, { ref: false })
    return !this.#isClosed()
  }

  #count(cause: keyof Restarts): void {
    this.#restarts = { ...this.#restarts, [cause]: this.#restarts[cause] + 1 }
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed'
  }

  #setState(state: EngineState): void {
    this.#state = state
    const { resolve } = this.#changed
    this.#changed = createSignal()
    resolve()
  }
}

interface Signal {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

const ignore = (): void => undefined

function createSignal(): Signal {
  let resolve = ignore
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
