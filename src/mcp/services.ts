// What the tools are given by the program around them, and by each connection or request.
import type { Logger } from '../base/log.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import type { Draw } from '../caption/draw-findings.ts'
import type { ReadImage } from '../http/body/read-image.ts'
import type { Readiness } from '../http/surface.ts'
import type { PictureFolders } from './pictures/picture-folders.ts'

export interface McpServices {
  /** Resolves at once where an engine is or will be; a FloCap elsewhere has to be asked first. */
  readonly captioner: () => Promise<TasksCaptioner>
  readonly readiness: () => Readiness
  /** Without it pictures do not come back drawn on. */
  readonly draw?: Draw | undefined
  readonly folders: PictureFolders
  /** Whether web addresses are fetched, for what tools say about themselves. */
  readonly fetches: boolean
  readonly logger: Logger
  readonly version: string
}

/** Who calls: one HTTP request, or the one client of standard input. */
export interface Caller {
  /** Pictures in base64 and, where the settings allow it, by web address. */
  readonly readImage: (source: string, field: string, signal: AbortSignal) => ReturnType<ReadImage>
  /** Aborts when the caller goes away. */
  readonly signal?: AbortSignal
  readonly client: string
}
