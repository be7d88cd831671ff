// What captioning folders needs of others: somebody who captions, and somebody who knows pictures.
import type { AskAhead } from '../caption/ask-ahead.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'

/** What the first bytes of a file say. */
export interface PictureKind {
  /** Such as `jpeg`; undefined when the bytes match nothing that is known. */
  readonly format: string | undefined
  /** Whether the decoder reads it. */
  readonly readable: boolean
}

/** @param start the first `SNIFFED_BYTES` of a file, or all of it. */
export type RecognisePicture = (start: Uint8Array) => PictureKind

/** Enough for every signature, a text's prologue included. */
export const SNIFFED_BYTES = 1024

/**
 * Who captions: an engine of this process, or a FloCap that runs elsewhere. It is asked for only when
 * there is something to caption, because starting it takes time.
 */
export interface CaptionSource {
  /** For people. */
  readonly modelId: string
  /**
   * Names weights and arithmetic exactly: answers of different models are not mixed, though their names
   * be the same. Starts the model only where nothing else knows it.
   * @throws FlocapError when the model cannot be had.
   */
  identify(): Promise<string>
  /** The captioner when it is ready. @throws FlocapError when the model cannot be had. */
  start(): Promise<TasksCaptioner>
  /** How many pictures are asked about together; absent for one by one. */
  readonly askAhead?: AskAhead
}
