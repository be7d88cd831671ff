// Chains of tasks that users of Florence-2 know by name: one task's answer is the next one's input.
import { boundsOf } from './bounds.ts'
import type {
  CaptionHooks,
  CaptionResult,
  Captioner,
  PictureRequest,
  TaskRequest,
} from './captioner.ts'
import { renderAnswer } from './render-answer.ts'
import { toReadingLines } from './reading-order.ts'
import type { LabelledQuad } from './task-data.ts'
import { TASKS } from './tasks.ts'

export type CaptionTaskId = 'caption' | 'detailed_caption' | 'more_detailed_caption'

export interface GroundedCaptionRequest extends PictureRequest, Pick<TaskRequest, 'generation'> {
  /** Which caption to ground. */
  readonly caption: CaptionTaskId
}

export interface GroundedCaption {
  readonly caption: CaptionResult
  /** Where the things are that the caption names. */
  readonly grounding: CaptionResult
}

/**
 * Captions a picture, then locates the phrases of the caption ("Caption + Grounding").
 * `hooks.onText` gets the caption while it is written.
 * @throws FlocapError as `Captioner.caption`.
 */
export async function captionAndGround(
  captioner: Captioner,
  { caption: task, ...request }: GroundedCaptionRequest,
  hooks: CaptionHooks = {},
): Promise<GroundedCaption> {
  const caption = await captioner.caption({ ...request, task }, hooks)
  const grounding = await captioner.caption(
    { ...request, task: 'caption_to_phrase_grounding', input: caption.text },
    hooks.signal === undefined ? {} : { signal: hooks.signal },
  )
  return { caption, grounding }
}

export interface TextLine {
  readonly text: string
  /** The box around its pieces, in pixels of the upright picture. */
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number]
  readonly pieces: readonly LabelledQuad[]
}

export interface ReadText {
  readonly result: CaptionResult
  /** From the top, each read from the left. */
  readonly lines: readonly TextLine[]
}

/**
 * Reads the text on a picture line by line, with the place of each line ("OCR with region").
 * @throws FlocapError as `Captioner.caption`.
 */
export async function readText(
  captioner: Captioner,
  request: PictureRequest & Pick<TaskRequest, 'generation'>,
  hooks: Pick<CaptionHooks, 'signal'> = {},
): Promise<ReadText> {
  const result = await captioner.caption({ ...request, task: 'ocr_with_region' }, hooks)
  const quads = result.data.kind === 'quads' ? result.data.quads : []
  return { result, lines: toReadingLines(quads).map(toTextLine) }
}

function toTextLine(pieces: readonly LabelledQuad[]): TextLine {
  return {
    text: renderAnswer(TASKS.ocr_with_region, { kind: 'quads', quads: pieces }),
    box: boundsOf(pieces.flatMap(({ quad }) => quad)),
    pieces,
  }
}
