// How far an installation is, in words: for /ready, for answers to clients, and for the terminal.
import type { InstallEvent } from '../store/progress.ts'

export type { InstallEvent, OnInstallEvent } from '../store/progress.ts'

/** `downloading 42 %`; undefined for an event that does not change it. */
export function describeProgress(event: InstallEvent): string | undefined {
  switch (event.kind) {
    case 'lock-wait':
      return 'waiting for another process that downloads the model'
    case 'download-start':
      return undefined
    case 'file-progress':
      return `downloading ${toPercent(event.totalReceived, event.totalBytes)} %`
    case 'file-retry':
    case 'file-end':
      return undefined
    case 'download-end':
      return 'downloaded'
  }
}

/** Whole percent, rounded down: 100 means that everything is here. */
export function toPercent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor((100 * part) / whole)
}
