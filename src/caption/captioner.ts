// The Captioner: the one interface that every front (HTTP, command line, queue) calls.
import type {
  FinishReason,
  GenerationOptions,
  ModelDescription,
  PictureSize,
  Timings,
} from './ports.ts'
import type { TaskData, TaskId } from './tasks.ts'

/** A rectangle on the picture: pixels of the upright picture, or fractions of its sides. */
export interface Region {
  readonly unit: 'pixel' | 'fraction' | 'bin'
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number]
}

export interface CaptionRequest {
  /** The encoded picture file. */
  readonly picture: Uint8Array
  readonly task: TaskId
  /** For tasks that take a text: the phrase, caption or question. Always plain text. */
  readonly input?: string
  /** For tasks that take a region. */
  readonly region?: Region
  /** Overrides of the task's own generation options. */
  readonly generation?: Partial<GenerationOptions>
  /** Default true; parity tests with the reference turn it off. */
  readonly applyOrientation?: boolean
}

export interface CaptionResult {
  readonly task: TaskId
  /** The answer as readable text, without special tokens. Never empty. */
  readonly text: string
  /** The answer for programs: what the task's parser read. */
  readonly data: TaskData
  /** Further answers when more than one was asked for, best first, `text` included. */
  readonly alternatives: readonly CaptionAlternative[]
  readonly finishReason: FinishReason
  /** Geometric mean of the token probabilities, 0 to 1. */
  readonly confidence: number
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number }
  readonly picture: PictureSize
  readonly model: ModelDescription
  readonly timings: Timings
}

export interface CaptionAlternative {
  readonly text: string
  readonly data: TaskData
  readonly finishReason: FinishReason
  readonly confidence: number
}

export interface CaptionHooks {
  readonly signal?: AbortSignal
  /** Pieces of the final text as they become certain; only for tasks whose answer is plain text. */
  readonly onText?: (text: string) => void
}

export interface Captioner {
  readonly model: ModelDescription
  /** @throws FlocapError when the picture, the task or its input cannot be used, or on overload. */
  caption(request: CaptionRequest, hooks?: CaptionHooks): Promise<CaptionResult>
}
