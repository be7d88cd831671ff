// The calls of a captioner that are under way: each ends with its answer, with the caller's abort, or
// with the closing of the captioner, whichever comes first.
import { FlocapError } from '../base/errors.ts'
import { unlessAborted } from '../base/unless-aborted.ts'

export class Calls {
  readonly #running = new Set<AbortController>()
  readonly #places: number
  readonly #waiting: (() => void)[] = []
  #busy = 0
  #isClosed = false

  /** @param places calls that work at a time; the others wait, and hold no picture meanwhile. */
  constructor(places: number) {
    this.#places = places
  }

  /**
   * @throws what `work` throws; the reason of `signal`, as soon as it fires; or FlocapError `closed`.
   */
  async run<T>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) throw closed()
    signal?.throwIfAborted()
    const controller = new AbortController()
    // Not AbortSignal.any: of a signal that lives long it keeps what came from it.
    const onAbort = (): void => controller.abort(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#running.add(controller)
    try {
      return await unlessAborted(this.#inTurn(controller.signal, work), controller.signal)
    } catch (error) {
      controller.signal.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#running.delete(controller)
    }
  }

  /** Ends every call with FlocapError `closed`, and refuses those that come later. */
  close(): void {
    this.#isClosed = true
    for (const controller of this.#running) controller.abort(closed())
  }

  async #inTurn<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#busy >= this.#places) {
      await new Promise<void>((resolve) => void this.#waiting.push(resolve))
    } else {
      this.#busy += 1
    }
    try {
      signal.throwIfAborted()
      return await work(signal)
    } finally {
      const next = this.#waiting.shift()
      // The place goes from hand to hand.
      if (next === undefined) this.#busy -= 1
      else next()
    }
  }
}

function closed(): FlocapError {
  return new FlocapError('closed', 'The captioner was closed.', {
    hint: 'Call close() when everything is answered.',
  })
}
