// Work that any of several signals ends.
import { setMaxListeners } from 'node:events'

/**
 * Runs `work` with a signal that aborts with the reason of the first of `signals` that does.
 *
 * `AbortSignal.any` keeps something of every joined signal as long as the ones that it was made of live, and in
 * Node 20 a joined signal can be collected as garbage while it is waited for.
 */
export async function withAnySignal<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const joined = new AbortController()
  const listeners = signals.map((signal) => {
    const onAbort = (): void => joined.abort(signal.reason)
    if (signal.aborted) onAbort()
    // As much work may wait for one signal as there is; each takes its listener away.
    setMaxListeners(0, signal)
    signal.addEventListener('abort', onAbort)
    return () => signal.removeEventListener('abort', onAbort)
  })
  try {
    return await work(joined.signal)
  } finally {
    for (const remove of listeners) remove()
  }
}
