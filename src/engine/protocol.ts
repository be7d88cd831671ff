// What the server and an engine process say to each other.
//
// Both ends are the same build, so messages are typed here and not checked again. They cross by
// Node's IPC channel with structured clone, which carries picture bytes as they are.
import type { Device } from '../base/devices.ts'
import { type ErrorRecord, fromErrorRecord, toErrorRecord } from '../base/error-record.ts'
import type { ErrorCode } from '../base/errors.ts'
import { FlocapError } from '../base/errors.ts'
import type {
  ModelDescription,
  DrawingForm,
  LookRequest,
  PictureLook,
  PictureView,
  VisionAnswer,
  VisionRequest,
} from '../caption/ports.ts'
import type { CompiledForm } from '../compiler/precision.ts'

/** How often an engine tells that it lives and what memory it takes. */
export const STATUS_INTERVAL_MS = 1_000

/** Where the model comes from and how it is run; the first message to a new engine. */
export interface LoadOptions {
  readonly modelId: string
  readonly demo: boolean
  /** Checkpoint folder. */
  readonly source: string
  /** SHA-256 of its files that are known, by name; those are not read once more. */
  readonly knownHashes: Readonly<Record<string, string>>
  /** Folder of a LoRA adapter that is merged into it. */
  readonly adapter?: string
  /** Where its compiled form is, or is put. */
  readonly compiled: string
  readonly form: CompiledForm
  readonly device: Device
  readonly threads: number
  /** Of pictures that are remembered in encoded form; default as the runtime's. */
  readonly encodedBytes?: number
  /** Of the largest picture that is decoded. */
  readonly maxPixels: number
}

/** For an engine without a model: it draws pictures, and answers nothing. */
export interface PicturesOnly extends Pick<LoadOptions, 'maxPixels'> {
  readonly source?: undefined
}

export type ToEngine =
  | { readonly type: 'load'; readonly options: LoadOptions | PicturesOnly }
  | { readonly type: 'answer'; readonly id: number; readonly request: VisionRequest }
  | DrawMessage
  | { readonly type: 'look'; readonly id: number; readonly request: LookRequest }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' }

/** Draw an overlay of our own on a picture. */
interface DrawMessage {
  readonly type: 'draw'
  readonly id: number
  readonly picture: Uint8Array
  /** An SVG document of the size of the picture as it is looked at. */
  readonly overlay: string
  readonly view: PictureView
  readonly form: DrawingForm
}

/** How far the model of an engine is. */
export interface LoadingProgress {
  /** `compile` only where there is no compiled form to be used again. */
  readonly stage: 'compile' | 'load'
  /** 0 to 1; undefined where it is not known. */
  readonly fraction: number | undefined
}

export type FromEngine =
  | { readonly type: 'loading'; readonly progress: LoadingProgress }
  | { readonly type: 'ready'; readonly description: ModelDescription }
  /** A sign of life, every `STATUS_INTERVAL_MS`. */
  | { readonly type: 'status'; readonly residentBytes: number }
  | { readonly type: 'load-failed'; readonly error: WireError }
  | { readonly type: 'text'; readonly id: number; readonly query: number; readonly text: string }
  | { readonly type: 'answered'; readonly id: number; readonly answer: VisionAnswer }
  | { readonly type: 'looked'; readonly id: number; readonly look: PictureLook }
  | { readonly type: 'drawn'; readonly id: number; readonly file: Uint8Array }
  | { readonly type: 'refused'; readonly id: number; readonly error: WireError }
  | {
      readonly type: 'log'
      readonly level: LogLevel
      readonly fields: Readonly<Record<string, unknown>>
      readonly message: string
    }

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** An error as plain data: structured clone would drop the class and its fields. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string | undefined
  readonly subject: string | undefined
  /** For the log. */
  readonly cause: ErrorRecord | undefined
}

export function toWireError(error: FlocapError): WireError {
  const { code, message, hint, subject, cause } = error
  const record = cause === undefined ? undefined : toErrorRecord(cause)
  return { code, message, hint, subject, cause: record }
}

export function fromWireError({ code, message, hint, subject, cause }: WireError): FlocapError {
  return new FlocapError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(subject === undefined ? {} : { subject }),
    ...(cause === undefined ? {} : { cause: fromErrorRecord(cause) }),
  })
}
