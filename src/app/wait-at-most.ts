// A bounded wait for something that is on its way, which also ends when the client hangs up.
import { setTimeout as delay } from 'node:timers/promises'
import { FlocapError } from '../base/errors.ts'
import { withAnySignal } from '../base/with-any-signal.ts'

export interface WaitLimits {
  /** Milliseconds; with 0 or less nothing is waited for. */
  readonly ms: number
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
  /** The error of a wait that took too long. */
  readonly late: () => FlocapError
}

/**
 * Resolves when `coming` has come.
 *
 * @throws FlocapError of `late`, `cancelled`, or what `coming` rejects with.
 */
export async function waitAtMost(
  coming: () => Promise<unknown>,
  { ms, signal, late }: WaitLimits,
): Promise<void> {
  if (ms <= 0) throw late()
  const ended = new AbortController()
  const signals = signal === undefined ? [ended.signal] : [signal, ended.signal]
  // Rejects when the client hangs up.
  const tooLong = withAnySignal(signals, async (either) => delay(ms, true, { signal: either }))
  try {
    const isLate = await Promise.race([coming().then(() => false), tooLong])
    if (isLate) throw late()
  } catch (error) {
    if (signal?.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
    throw error
  } finally {
    ended.abort()
  }
}
