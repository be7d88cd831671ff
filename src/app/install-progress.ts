// How far an installation is, in words: for /ready, for answers to clients, and for the terminal.
import type { LoadingProgress } from '../engine/protocol.ts'
import type { InstallEvent } from '../store/progress.ts'

export type { InstallEvent, OnInstallEvent } from '../store/progress.ts'

/** `downloading 42 %`; undefined for an event that does not change it. */
export function describeProgress(event: InstallEvent): string | undefined {
  switch (event.kind) {
    case 'lock-wait':
      return 'waiting for another process that downloads the model'
    case 'hub-question':
      return `asking ${hostOf(event.endpoint)} for the model`
    case 'hub-retry':
      return `waiting for the Hub: ${event.reason}`
    case 'download-start':
      return 'downloading 0 %'
    case 'file-progress':
      return `downloading ${toPercent(event.totalReceived, event.totalBytes)} %`
    case 'file-retry':
      return `waiting for the Hub: ${event.reason}`
    case 'file-end':
      return undefined
    case 'download-end':
      return 'downloaded'
  }
}

/** Without the path of a mirror, which may be long. */
export function hostOf(endpoint: string): string {
  return new URL(endpoint).host
}

/** Whole percent, rounded down: 100 means that everything is here. */
export function toPercent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor((100 * part) / whole)
}

/** The download alone, for programs; undefined for an event that does not change it. */
export function describeStage(
  event: InstallEvent,
): { readonly stage: 'download'; readonly fraction: number | undefined } | undefined {
  if (event.kind === 'file-end') return undefined
  if (event.kind === 'download-end') return { stage: 'download', fraction: 1 }
  if (event.kind !== 'file-progress') return { stage: 'download', fraction: undefined }
  const { totalReceived, totalBytes } = event
  return { stage: 'download', fraction: totalBytes === 0 ? 1 : totalReceived / totalBytes }
}

/** `compiling 40 %`, `loading`: what follows the download. */
export function describeLoading({ stage, fraction }: LoadingProgress): string {
  const what = stage === 'compile' ? 'compiling' : 'loading'
  return fraction === undefined ? what : `${what} ${toPercent(fraction, 1)} %`
}
