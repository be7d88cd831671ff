// The Captioner: the one interface that every front (HTTP, command line, queue) calls.
import type { Background } from '../base/background.ts'
import type {
  FinishReason,
  GenerationOptions,
  ModelDescription,
  PictureSize,
  Timings,
} from './ports.ts'
import type { Priority } from './priority.ts'
import type { Region } from './region.ts'
import type { TaskData } from './task-data.ts'
import type { TaskId } from './tasks.ts'

export type { Region } from './region.ts'

/** One question about a picture. */
export interface TaskRequest {
  readonly task: TaskId
  /** For tasks that take a text: the phrase, caption or question. Always plain text. */
  readonly input?: string
  /** For tasks that take a region. */
  readonly region?: Region
  /** Overrides of the task's own generation options. */
  readonly generation?: Partial<GenerationOptions>
}

export interface PictureRequest {
  /** The encoded picture file. */
  readonly picture: Uint8Array
  /** Default true; parity tests with the reference turn it off. */
  readonly applyOrientation?: boolean
  /** What shows where the picture is transparent. Default: the captioner's own, white at first. */
  readonly background?: Background | undefined
}

export interface CaptionRequest extends PictureRequest, TaskRequest {}

/** Several questions about one picture, answered from one pass of the vision encoder. */
export interface CaptionTasksRequest extends PictureRequest {
  /** At least one. */
  readonly tasks: readonly TaskRequest[]
}

export interface CaptionResult {
  readonly task: TaskId
  /** The answer as readable text, without special tokens. Never empty. */
  readonly text: string
  /** The answer for programs: what the task's parser read. */
  readonly data: TaskData
  /**
   * All answers when `numReturnSequences` asked for more than one: best first, the one above
   * included. Empty otherwise.
   */
  readonly alternatives: readonly CaptionAlternative[]
  readonly finishReason: FinishReason
  /** Geometric mean of the token probabilities, 0 to 1. */
  readonly confidence: number
  /** `completionTokens` counts the tokens of all returned answers. */
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number }
  readonly picture: PictureSize
  readonly model: ModelDescription
  /** Of the whole run, which may have answered several tasks. All 0 when the answer was cached. */
  readonly timings: Timings
  /** True when the answer was known already and nothing ran. */
  readonly cached?: true
}

export interface CaptionAlternative {
  readonly text: string
  readonly data: TaskData
  readonly finishReason: FinishReason
  readonly confidence: number
}

export interface CaptionHooks {
  readonly signal?: AbortSignal
  /** Who asks: clients that wait take turns. Absent: the one nameless client. */
  readonly client?: string
  /** Whether a person waits for the answer. Default interactive. */
  readonly priority?: Priority
  /**
   * Pieces of the final text as they become certain; only for tasks whose answer is plain text.
   * Together they are exactly `text` of the result. Must not throw.
   */
  readonly onText?: (text: string) => void
}

export interface CaptionTasksHooks {
  readonly signal?: AbortSignal
  /** As `CaptionHooks.client`. */
  readonly client?: string
  /** As `CaptionHooks.priority`. */
  readonly priority?: Priority
  /**
   * Told while the request waits for its turn, and again when that changes: how many others are
   * answered before it. Must not throw.
   */
  readonly onWait?: (ahead: number) => void
  /** As `CaptionHooks.onText`, with the index of the task in the request. */
  readonly onText?: (task: number, text: string) => void
}

export interface Captioner {
  readonly model: ModelDescription
  /** @throws FlocapError when the picture, the task or its input cannot be used, or on overload. */
  caption(request: CaptionRequest, hooks?: CaptionHooks): Promise<CaptionResult>
}

/** A Captioner that can answer several tasks about one picture at once. */
export interface TasksCaptioner extends Captioner {
  /**
   * One result for each task, in their order. Fails as a whole.
   * @throws FlocapError as `caption`.
   */
  captionTasks(
    request: CaptionTasksRequest,
    hooks?: CaptionTasksHooks,
  ): Promise<readonly CaptionResult[]>
}
