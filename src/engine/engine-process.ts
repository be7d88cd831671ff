// One engine process as an object: started, asked, watched, ended. What to do when it dies is the
// supervisor's business.
import { type ChildProcess, fork } from 'node:child_process'
import { Socket } from 'node:net'
import { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type {
  ModelDescription,
  DrawingForm,
  LookRequest,
  PictureLook,
  PictureView,
  VisionAnswer,
  VisionHooks,
  VisionRequest,
} from '../caption/ports.ts'
import { withoutSecrets } from './environment.ts'
import { limitsFor, readAnonymousBytes, watchLoading } from './loading-limits.ts'
import { withTunedMalloc } from './malloc.ts'
import { logOutput } from './output.ts'
import { startWatchdog } from './watchdog.ts'
import {
  type FromEngine,
  fromWireError,
  type LoadingProgress,
  type LoadOptions,
  type PicturesOnly,
  type ToEngine,
} from './protocol.ts'

/** Compiling a large model logs its steps; none takes this long. */
const LOADING_SILENCE_MS = 600_000
/** An idle engine has nothing that could keep it from giving signs. */
const IDLE_SILENCE_MS = 30_000

/** After this an engine that was asked to close is killed. */
const CLOSE_GRACE_MS = 2_000

interface Pending<Result> {
  readonly resolve: (result: Result) => void
  readonly reject: (error: FlocapError) => void
}

interface PendingAnswer extends Pending<VisionAnswer> {
  readonly hooks: VisionHooks
}

/** Thrown to requests that were in flight when their engine ended. */
function engineDied(how: string): FlocapError {
  return new FlocapError('engine_failed', `The engine process ended (${how}) before it answered.`, {
    hint: 'Try again: a new engine is being started.',
    retryAfterSeconds: 2,
  })
}

export interface EngineProcessOptions {
  /** The built engine/main.js. */
  readonly entry: URL
  readonly load: LoadOptions | PicturesOnly
  readonly log: Logger
  /** Milliseconds without a sign of life, while it has work, after which it is killed. */
  readonly silenceMs: number
  /** Within a program of others: no listener is installed on its process. */
  readonly isEmbedded?: boolean
  /** Told how far the model is. */
  readonly onLoading?: ((progress: LoadingProgress) => void) | undefined
  /** Told with every sign of life, after `residentBytes` was set. */
  readonly onStatus: () => void
}

/** How an engine ended. */
export interface EngineEnd {
  readonly how: string
  /** It was killed because it gave no sign of life. */
  readonly hung: boolean
  /** What it was working on. */
  readonly requests: number
}

export class EngineProcess {
  readonly #child: ChildProcess
  readonly #log: Logger
  readonly #answers = new Map<number, PendingAnswer>()
  readonly #drawings = new Map<number, Pending<Uint8Array>>()
  readonly #looks = new Map<number, Pending<PictureLook>>()
  #nextId = 0
  #loaded: Promise<ModelDescription>
  #isLoaded = false
  #isClosing = false
  #hung = false
  #end: EngineEnd | undefined
  #residentBytes = 0
  #answered = 0
  /** Settles when the process has ended. */
  readonly ended: Promise<EngineEnd>

  constructor(options: EngineProcessOptions) {
    const { entry, load, log, silenceMs, isEmbedded = false, onLoading, onStatus } = options
    this.#log = log
    this.#child = fork(entry, {
      // oxlint-disable-next-line node/no-process-env -- read by nobody here: a child's is its parent's
      env: withTunedMalloc(withoutSecrets(process.env)),
      // Node's own options of that program (--inspect, --input-type, loaders) are not meant for it.
      ...(isEmbedded ? { execArgv: [] } : {}),
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      if (output !== null) logOutput(output, log)
      // The process itself decides whether it is waited for.
      if (output instanceof Socket) output.unref()
    }
    const watchdog = startWatchdog(
      () => this.#allowedSilence(silenceMs),
      (ms) => {
        this.#log.error({ silentMs: Math.round(ms) }, 'the engine process hangs and is killed')
        this.#hung = true
        this.#child.kill('SIGKILL')
      },
    )
    // While graphs are built the process gives no sign of life, so its memory is looked at from here.
    let stopWatching = (): void => undefined
    const exceeded = new Promise<never>((_, reject) => {
      stopWatching = watchLoading({
        limits: limitsFor(load.source),
        residentBytes: () => readAnonymousBytes(this.#child.pid ?? 0) ?? this.#residentBytes,
        onExceeded: (error) => {
          reject(error)
          this.#child.kill('SIGKILL')
        },
      })
    })
    // Without this a hung engine would outlive a server that exits at once.
    const killChild = (): void => void this.#child.kill('SIGKILL')
    if (!isEmbedded) process.once('exit', killChild)
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        watchdog.stop()
        stopWatching()
        process.off('exit', killChild)
        const pending = [this.#answers, this.#drawings, this.#looks].flatMap((each) => [
          ...each.values(),
        ])
        this.#end = { how, hung: this.#hung, requests: pending.length }
        for (const { reject } of pending) reject(engineDied(how))
        resolve(this.#end)
      }
      this.#child.once('error', (error) => end(error.message))
      this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    })
    const died = this.ended.then(({ how }) => {
      throw engineDied(how)
    })
    const listening = this.#listen(() => {
      watchdog.reset()
      onStatus()
    }, onLoading)
    // The first of them that settles counts: a limit before the death that it causes.
    this.#loaded = Promise.race([exceeded, listening, died])
    // Whoever awaits `loaded` sees the failure; nobody has to.
    this.#loaded.then(stopWatching, () => undefined)
    this.#send({ type: 'load', options: load })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Memory that it takes, in bytes; 0 until it has told. */
  get residentBytes(): number {
    return this.#residentBytes
  }

  /** Requests that it has answered. */
  get answered(): number {
    return this.#answered
  }

  /** How it ended; undefined while it lives. */
  get end(): EngineEnd | undefined {
    return this.#end
  }

  /** The model, once it can be asked. @throws FlocapError when it cannot be loaded. */
  get loaded(): Promise<ModelDescription> {
    return this.#loaded
  }

  async answer(request: VisionRequest, hooks: VisionHooks = {}): Promise<VisionAnswer> {
    // A signal that has fired already tells nobody who begins to listen.
    if (hooks.signal?.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
    const id = this.#newId()
    const cancel = (): void => this.#send({ type: 'cancel', id })
    hooks.signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await new Promise<VisionAnswer>((resolve, reject) => {
        this.#assertAlive()
        this.#answers.set(id, { hooks, resolve, reject })
        this.#waitOnlyForWork()
        this.#send({ type: 'answer', id, request })
      })
    } finally {
      hooks.signal?.removeEventListener('abort', cancel)
      this.#answers.delete(id)
      this.#waitOnlyForWork()
    }
  }

  /** The picture as it is looked at, with an SVG overlay of our own on it, as a file. */
  async draw(
    picture: Uint8Array,
    overlay: string,
    view: PictureView,
    form: DrawingForm = 'png',
  ): Promise<Uint8Array> {
    return this.#askFor(this.#drawings, (id) => ({
      type: 'draw',
      id,
      picture,
      overlay,
      view,
      form,
    }))
  }

  /** The picture in small. */
  async look(request: LookRequest): Promise<PictureLook> {
    return this.#askFor(this.#looks, (id) => ({ type: 'look', id, request }))
  }

  async #askFor<T>(
    pending: Map<number, Pending<T>>,
    toMessage: (id: number) => ToEngine,
  ): Promise<T> {
    const id = this.#newId()
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#assertAlive()
        pending.set(id, { resolve, reject })
        this.#waitOnlyForWork()
        this.#send(toMessage(id))
      })
    } finally {
      pending.delete(id)
      this.#waitOnlyForWork()
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#waitOnlyForWork()
    this.#send({ type: 'close' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_GRACE_MS)
    await this.ended
    clearTimeout(timer)
  }

  /** Nobody would answer a request that comes between a death and the next engine. */
  #assertAlive(): void {
    if (this.#end !== undefined) throw engineDied(this.#end.how)
  }

  /** A program that has nothing else to do ends, and an idle engine with it. */
  #waitOnlyForWork(): void {
    if (this.#hasWork || !this.#isLoaded || this.#isClosing) {
      this.#child.ref()
      this.#child.channel?.ref()
    } else {
      this.#child.unref()
      this.#child.channel?.unref()
    }
  }

  #allowedSilence(workingMs: number): number {
    if (!this.#isLoaded) return LOADING_SILENCE_MS
    return this.#hasWork ? workingMs : Math.min(IDLE_SILENCE_MS, workingMs)
  }

  get #hasWork(): boolean {
    return this.#answers.size + this.#drawings.size + this.#looks.size > 0
  }

  #newId(): number {
    this.#nextId += 1
    return this.#nextId
  }

  #pendingOf(id: number): { readonly reject: (error: FlocapError) => void } | undefined {
    return this.#answers.get(id) ?? this.#drawings.get(id) ?? this.#looks.get(id)
  }

  async #listen(
    onSign: () => void,
    onLoading: EngineProcessOptions['onLoading'],
  ): Promise<ModelDescription> {
    return new Promise((resolve, reject) => {
      this.#child.on('message', (message: FromEngine) => {
        if (message.type === 'status') this.#residentBytes = message.residentBytes
        onSign()
        switch (message.type) {
          case 'status':
            break
          case 'loading':
            onLoading?.(message.progress)
            break
          case 'ready':
            this.#isLoaded = true
            this.#waitOnlyForWork()
            resolve(message.description)
            break
          case 'load-failed':
            reject(fromWireError(message.error))
            break
          case 'text':
            this.#answers.get(message.id)?.hooks.onText?.(message.query, message.text)
            break
          case 'answered':
            this.#answered += 1
            this.#answers.get(message.id)?.resolve(message.answer)
            break
          case 'refused':
            this.#pendingOf(message.id)?.reject(fromWireError(message.error))
            break
          case 'drawn':
            this.#drawings.get(message.id)?.resolve(message.file)
            break
          case 'looked':
            this.#looks.get(message.id)?.resolve(message.look)
            break
          case 'log':
            this.#log[message.level](message.fields, message.message)
            break
        }
      })
    })
  }

  #send(message: ToEngine): void {
    // A send after the end fails; `ended` has then already told everybody.
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }
}
