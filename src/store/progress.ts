// What happens while a model is fetched, for a progress bar, a log, or a page.

export type InstallEvent =
  /** Another process installs the same model; its result will be used. */
  | { readonly kind: 'lock-wait'; readonly pid: number | undefined }
  /** The Hub is asked for the model's commit or files: the first thing that needs a network. */
  | { readonly kind: 'hub-question'; readonly endpoint: string }
  /** It did not answer, and is asked again after a pause. */
  | { readonly kind: 'hub-retry'; readonly reason: string; readonly pauseMs: number }
  | {
      readonly kind: 'download-start'
      readonly files: number
      readonly totalBytes: number
    }
  | {
      readonly kind: 'file-progress'
      readonly path: string
      readonly size: number
      /** Bytes of this file that are on disk. */
      readonly received: number
      /** Bytes of all files that are on disk. */
      readonly totalReceived: number
      readonly totalBytes: number
    }
  | {
      readonly kind: 'file-retry'
      readonly path: string
      readonly reason: string
      readonly pauseMs: number
    }
  /** The file is complete and its hash is the announced one. */
  | { readonly kind: 'file-end'; readonly path: string; readonly sha256: string }
  | { readonly kind: 'download-end'; readonly folder: string }

export type OnInstallEvent = (event: InstallEvent) => void
