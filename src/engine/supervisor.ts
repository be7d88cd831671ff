// The engine as the rest of the server sees it: a VisionModel that survives its process.
//
// A process that dies is started again; requests that were in flight are asked once more of the new
// one, and a request that has met two deaths is given up, since it may be the cause.
import { setTimeout as delay } from 'node:timers/promises'
import { FlocapError, toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type {
  ModelDescription,
  VisionAnswer,
  VisionHooks,
  VisionModel,
  VisionRequest,
} from '../caption/ports.ts'
import { EngineProcess } from './engine-process.ts'
import type { LoadOptions } from './protocol.ts'

/** Pause before a new engine, doubled for each death in a row up to the last. */
const RESTART_PAUSES_MS = [100, 500, 2_000, 10_000]
/** An engine that lived this long was healthy: the next death counts as the first again. */
const HEALTHY_AFTER_MS = 60_000
/** An engine that dies so often in a row before its model is loaded will not come up by itself. */
const MAX_DEATHS_WHILE_LOADING = 4
/** How often one request is asked in all. */
const MAX_ATTEMPTS = 2

export type EngineState =
  | { readonly kind: 'loading' | 'ready' | 'restarting' | 'closed' }
  | { readonly kind: 'failed'; readonly error: FlocapError }

export interface EngineOptions {
  readonly load: LoadOptions
  readonly log: Logger
  /** The built engine program. */
  readonly entry?: URL
}

export class Engine implements VisionModel {
  readonly #options: EngineOptions
  readonly #log: Logger
  #description: ModelDescription
  #process: EngineProcess
  #state: EngineState = { kind: 'loading' }
  /** Resolves at the next change of state. */
  #changed = createSignal()

  constructor(options: EngineOptions) {
    const { modelId, demo } = options.load
    this.#options = options
    this.#log = options.log
    this.#description = {
      id: modelId,
      demo,
      imageSize: 0,
      precision: 'unknown',
      parameters: 0,
      createdAt: Date.now(),
    }
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

  /** Resolves when requests can be answered. @throws FlocapError when the model cannot be loaded. */
  async ready(): Promise<void> {
    while (this.#state.kind === 'loading' || this.#state.kind === 'restarting') {
      await this.#changed.promise
    }
    if (this.#state.kind === 'failed') throw this.#state.error
    if (this.#state.kind === 'closed') throw new FlocapError('cancelled', 'The server is closing.')
  }

  async answer(request: VisionRequest, hooks: VisionHooks = {}): Promise<VisionAnswer> {
    let streamed = false
    const onText = (query: number, text: string): void => {
      streamed = true
      hooks.onText?.(query, text)
    }
    return this.#ask(
      async (engine) => engine.answer(request, { ...hooks, onText }),
      // Text that was sent cannot be taken back, and a second run would send it again.
      () => !streamed && hooks.signal?.aborted !== true,
    )
  }

  /** The upright picture with an SVG overlay of our own on it, as PNG. */
  async draw(picture: Uint8Array, overlay: string): Promise<Uint8Array> {
    return this.#ask(
      async (engine) => engine.draw(picture, overlay),
      () => true,
    )
  }

  /** Asks the living engine, and once more the next one if it dies meanwhile. */
  async #ask<T>(
    question: (engine: EngineProcess) => Promise<T>,
    mayAskAgain: () => boolean,
  ): Promise<T> {
    if (this.#state.kind === 'loading') {
      throw new FlocapError('model_loading', 'The model is still being loaded.', {
        hint: 'Try again in a few seconds.',
        retryAfterSeconds: 3,
      })
    }
    for (let attempt = 1; ; attempt += 1) {
      // While an engine is restarted requests wait for it: they were accepted already.
      await this.ready()
      try {
        return await question(this.#process)
      } catch (error) {
        const failure = toFlocapError(error)
        const again = failure.code === 'engine_failed' && attempt < MAX_ATTEMPTS
        if (!again || !mayAskAgain()) throw failure
        this.#log.warn({ attempt }, 'asking again after the engine died')
      }
    }
  }

  async close(): Promise<void> {
    this.#setState({ kind: 'closed' })
    await this.#process.close()
  }

  #start(): EngineProcess {
    const { load, log, entry = new URL('./main.js', import.meta.url) } = this.#options
    return new EngineProcess(entry, load, log.child({ part: 'engine' }))
  }

  /** Loads, watches and replaces processes until the engine is closed or its model cannot be loaded. */
  async #supervise(): Promise<void> {
    for (let deaths = 0, deathsWhileLoading = 0; ;) {
      const born = performance.now()
      const engine = this.#process
      try {
        this.#description = await engine.loaded
        if (this.#isClosed()) return
        this.#setState({ kind: 'ready' })
        deathsWhileLoading = 0
      } catch (error) {
        const failure = toFlocapError(error)
        deathsWhileLoading += 1
        // A death is followed by a new attempt; a model that cannot be loaded is not.
        const hopeless =
          failure.code !== 'engine_failed' || deathsWhileLoading >= MAX_DEATHS_WHILE_LOADING
        if (hopeless && !this.#isClosed()) {
          this.#setState({ kind: 'failed', error: failure })
          await engine.close()
          return
        }
      }
      const how = await engine.ended
      if (this.#isClosed()) return
      this.#setState({ kind: 'restarting' })
      deaths = performance.now() - born > HEALTHY_AFTER_MS ? 1 : deaths + 1
      const pause = RESTART_PAUSES_MS[Math.min(deaths, RESTART_PAUSES_MS.length) - 1]!
      this.#log.error({ how, restartInMs: pause }, 'the engine process ended')
      await delay(pause)
      if (this.#isClosed()) return
      this.#process = this.#start()
    }
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
