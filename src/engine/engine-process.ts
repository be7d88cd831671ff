// One engine process as an object: started, asked, watched, ended. What to do when it dies is the
// supervisor's business.
import { type ChildProcess, fork } from 'node:child_process'
import { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type {
  ModelDescription,
  VisionAnswer,
  VisionHooks,
  VisionRequest,
} from '../caption/ports.ts'
import { type FromEngine, fromWireError, type LoadOptions, type ToEngine } from './protocol.ts'

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

export class EngineProcess {
  readonly #child: ChildProcess
  readonly #log: Logger
  readonly #answers = new Map<number, PendingAnswer>()
  readonly #drawings = new Map<number, Pending<Uint8Array>>()
  #nextId = 0
  #loaded: Promise<ModelDescription>
  /** Settles when the process has ended, with how it ended. */
  readonly ended: Promise<string>

  /** @param entry the built engine/main.js. */
  constructor(entry: URL, options: LoadOptions, log: Logger) {
    this.#log = log
    this.#child = fork(entry, {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.ended = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(error.message))
      this.#child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    })
    const died = this.ended.then((how) => {
      const pending = [...this.#answers.values(), ...this.#drawings.values()]
      for (const { reject } of pending) reject(engineDied(how))
      throw engineDied(how)
    })
    this.#loaded = Promise.race([this.#listen(), died])
    // Whoever awaits `loaded` sees the failure; nobody has to.
    this.#loaded.catch(() => undefined)
    this.#send({ type: 'load', options })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** The model, once it can be asked. @throws FlocapError when it cannot be loaded. */
  get loaded(): Promise<ModelDescription> {
    return this.#loaded
  }

  async answer(request: VisionRequest, hooks: VisionHooks = {}): Promise<VisionAnswer> {
    const id = this.#newId()
    const cancel = (): void => this.#send({ type: 'cancel', id })
    hooks.signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await new Promise<VisionAnswer>((resolve, reject) => {
        this.#answers.set(id, { hooks, resolve, reject })
        this.#send({ type: 'answer', id, request })
      })
    } finally {
      hooks.signal?.removeEventListener('abort', cancel)
      this.#answers.delete(id)
    }
  }

  /** The upright picture with an SVG overlay of our own on it, as PNG. */
  async draw(picture: Uint8Array, overlay: string): Promise<Uint8Array> {
    const id = this.#newId()
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        this.#drawings.set(id, { resolve, reject })
        this.#send({ type: 'draw', id, picture, overlay })
      })
    } finally {
      this.#drawings.delete(id)
    }
  }

  async close(): Promise<void> {
    this.#send({ type: 'close' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_GRACE_MS)
    await this.ended
    clearTimeout(timer)
  }

  #newId(): number {
    this.#nextId += 1
    return this.#nextId
  }

  #pendingOf(id: number): Pending<VisionAnswer> | Pending<Uint8Array> | undefined {
    return this.#answers.get(id) ?? this.#drawings.get(id)
  }

  async #listen(): Promise<ModelDescription> {
    return new Promise((resolve, reject) => {
      this.#child.on('message', (message: FromEngine) => {
        switch (message.type) {
          case 'ready':
            resolve(message.description)
            break
          case 'load-failed':
            reject(fromWireError(message.error))
            break
          case 'text':
            this.#answers.get(message.id)?.hooks.onText?.(message.query, message.text)
            break
          case 'answered':
            this.#answers.get(message.id)?.resolve(message.answer)
            break
          case 'refused':
            this.#pendingOf(message.id)?.reject(fromWireError(message.error))
            break
          case 'drawn':
            this.#drawings.get(message.id)?.resolve(message.png)
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
