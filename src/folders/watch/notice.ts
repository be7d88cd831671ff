// Waits until something happens in folders, as the system tells it. What happened is found out by looking:
// a notice that is lost or comes twice does no harm.
import { type FSWatcher, watch } from 'node:fs'
import { once } from 'node:events'
import { systemCode } from '../../base/system-errors.ts'
import { withAnySignal } from '../../base/with-any-signal.ts'

export interface Notices {
  /** Watches these from now on, and no others. @returns whether one is new. */
  watch(folders: ReadonlySet<string>): boolean
  /** Until something happens, `ms` have passed or `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  close(): void
}

/** Where the system watches whole trees; elsewhere each folder is watched by itself. */
const WATCHES_TREES = process.platform === 'darwin' || process.platform === 'win32'
/** Many files arrive together: one look is enough for them. */
const GATHER_MS = 200

/** @param onLost told once when the system does not watch any more, with its reason. */
export function createNotices(roots: readonly string[], onLost: (reason: string) => void): Notices {
  const watchers = new Map<string, FSWatcher>()
  let events = new EventTarget()
  let isPending = false
  let isLost = false

  function lose(error: unknown): void {
    if (isLost) return
    isLost = true
    onLost(systemCode(error) ?? String(error))
  }

  function add(folder: string): void {
    try {
      const watcher = watch(folder, { recursive: WATCHES_TREES, persistent: false })
      watchers.set(folder, watcher)
      watcher.on('change', () => {
        isPending = true
        events.dispatchEvent(new Event('notice'))
      })
      // A folder that was removed is no failure: the next look does not find it.
      watcher.on('error', () => remove(folder))
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') lose(error)
    }
  }

  function remove(folder: string): void {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }

  return {
    watch(folders) {
      const wanted = WATCHES_TREES ? new Set(roots) : folders
      for (const folder of watchers.keys()) if (!wanted.has(folder)) remove(folder)
      const fresh = [...wanted].filter((folder) => !watchers.has(folder))
      if (!isLost) fresh.forEach(add)
      return fresh.some((folder) => watchers.has(folder))
    },
    async wait(ms, signal) {
      await untilEvent(events, isPending ? 0 : ms, signal)
      if (isPending) await untilEvent(new EventTarget(), GATHER_MS, signal)
      isPending = false
    },
    close() {
      events = new EventTarget()
      for (const folder of watchers.keys()) remove(folder)
    },
  }
}

async function untilEvent(events: EventTarget, ms: number, signal: AbortSignal): Promise<void> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), ms)
  try {
    await withAnySignal([signal, timeout.signal], async (either) =>
      once(events, 'notice', { signal: either }),
    )
  } catch {
    // Time is up, or nobody wants to know any more.
  } finally {
    clearTimeout(timer)
  }
}
