// BullMQ remembers for good that its first connection failed, and its loops end with errors that they do not
// know: such a queue, worker or listener is closed, and another one opened.
import { setTimeout as sleep } from 'node:timers/promises'

export interface Openable {
  waitUntilReady(): Promise<unknown>
  /** What it does by itself, until it is closed. */
  run?(): Promise<unknown>
  close(): Promise<unknown>
}

export interface Reopened<T> {
  /**
   * What is open now, once it is connected.
   * @throws why it could not be connected, or that it has not been for too long
   */
  ready(): Promise<T>
  close(): Promise<void>
}

/** Between one that failed and the next one. */
const PAUSE_MS = 500

/**
 * @param open begins to connect
 * @param patience milliseconds for which `ready` waits
 * @param onError told of each that failed
 */
export function keepOpen<T extends Openable>(
  open: () => T,
  patience: number,
  onError: (error: Error) => void,
): Reopened<T> {
  const closing = new AbortController()
  let current = open()

  async function keep(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await current.waitUntilReady()
        await current.run?.()
        return
      } catch (error) {
        if (closing.signal.aborted) return
        onError(error instanceof Error ? error : new Error(String(error)))
        await sleep(PAUSE_MS, undefined, { signal: closing.signal }).catch(() => undefined)
        if (closing.signal.aborted) return
        const failed = current
        current = open()
        failed.close().catch(() => undefined)
      }
    }
  }
  void keep()

  return {
    async ready() {
      const mine = current
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        const error = new Error(`There was no connection within ${patience / 1_000} s.`)
        timer = setTimeout(() => reject(error), patience)
      })
      try {
        await Promise.race([mine.waitUntilReady(), late])
        return mine
      } finally {
        clearTimeout(timer)
      }
    },
    async close() {
      closing.abort()
      await current.close()
    },
  }
}
