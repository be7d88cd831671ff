// What comes back: answers whose type says which task gave them, so that boxes are boxes.
import type { CaptionResult } from '../caption/captioner.ts'
import type { ModelDescription } from '../caption/ports.ts'
import type { LabelledBox, LabelledPolygon, LabelledQuad } from '../caption/task-data.ts'

/** A plain text: a caption, what is written, an answer. */
export interface TextData {
  readonly kind: 'text'
  /** As `text` of the answer. */
  readonly text: string
}

/** Boxes with their labels, in pixels of the upright picture. */
export interface BoxData {
  readonly kind: 'boxes'
  /** In the order of the model; empty where it found nothing. */
  readonly boxes: readonly LabelledBox[]
}

/** Lines of text with the four corners of each, in pixels of the upright picture. */
export interface QuadData {
  readonly kind: 'quads'
  /** In the order of the model; empty where it found nothing. */
  readonly quads: readonly LabelledQuad[]
}

/** Outlines of things, in pixels of the upright picture. */
export interface PolygonData {
  readonly kind: 'polygons'
  /** In the order of the model; empty where it found nothing. */
  readonly polygons: readonly LabelledPolygon[]
}

/** Boxes, outlines, or both: the model decides. In pixels of the upright picture. */
export interface BoxOrPolygonData {
  readonly kind: 'boxes_or_polygons'
  /** Things of which it gave a box. */
  readonly boxes: readonly LabelledBox[]
  /** Things of which it gave outlines. */
  readonly polygons: readonly LabelledPolygon[]
}

/** What each task answers: the type of `data` by the id of the task. */
export interface TaskAnswers {
  caption: TextData
  detailed_caption: TextData
  more_detailed_caption: TextData
  ocr: TextData
  ocr_with_region: QuadData
  od: BoxData
  dense_region_caption: BoxData
  region_proposal: BoxData
  caption_to_phrase_grounding: BoxData
  referring_expression_segmentation: PolygonData
  region_to_segmentation: PolygonData
  open_vocabulary_detection: BoxOrPolygonData
  region_to_category: TextData
  region_to_description: TextData
  region_to_ocr: TextData
  generate_tags: TextData
  mixed_caption: TextData
  mixed_caption_plus: TextData
  analyze: TextData
  generate_prompt: TextData
  description: TextData
  docvqa: TextData
  vqa: TextData
  raw: TextData
}

/** The id of a task, such as `caption`, `od` or `ocr_with_region`. */
export type TaskId = keyof TaskAnswers

/** The model that answers. */
export interface ModelInfo {
  /** Such as `florence-2-large`. */
  readonly id: string
  /** True for the miniature that comes with FloCap: it knows drawn scenes and nothing else. */
  readonly demo: boolean
  /** The arithmetic, such as `int8` or `fp32`. */
  readonly precision: string
  /** Number of weights. */
  readonly parameters: number
}

interface AnswerOf<T extends TaskId> {
  /** The task that was asked. */
  readonly task: T
  /** The answer as readable text, never empty: `No objects found.` where that is so. */
  readonly text: string
  /** The answer for programs. Coordinates are pixels of the upright picture, x to the right, y down. */
  readonly data: TaskAnswers[T]
  /** How sure the model was: geometric mean of the token probabilities, 0 to 1. */
  readonly confidence: number
  /** `length`: cut off by `maxTokens` or the model's own limit. `stop_text`: by one of `stop`. */
  readonly finishReason: 'stop' | 'length' | 'stop_text'
  /** Size of the upright picture in pixels. */
  readonly picture: { readonly width: number; readonly height: number }
  /** Tokens that were read, those of the picture included, and written. */
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number }
  /** Which model answered. */
  readonly model: ModelInfo
}

/**
 * An answer. `Answer<'od'>` has boxes; `Answer` is the union of all, told apart by `task` and by
 * `data.kind`.
 */
export type Answer<T extends TaskId = TaskId> = T extends TaskId ? AnswerOf<T> : never

/** An answer that fits a JSON schema. */
export interface StructuredAnswer<Value = unknown> {
  /** Fits the schema; where that is a Standard Schema, as its own validation left it. */
  readonly value: Value
  /** Properties of which the picture tells nothing: they have the emptiest value that is allowed. */
  readonly unanswered: readonly string[]
  /** True where one of the model's answers behind it was cut off by its length. */
  readonly truncated: boolean
  /** Size of the upright picture in pixels. */
  readonly picture: { readonly width: number; readonly height: number }
  /** Which model answered. */
  readonly model: ModelInfo
}

export function toModelInfo({ id, demo, precision, parameters }: ModelDescription): ModelInfo {
  return { id, demo, precision, parameters }
}

/** @param result of the task `T`: its parser gave the data that `TaskAnswers` says. */
export function toAnswer<T extends TaskId>(result: CaptionResult): Answer<T> {
  const { task, text, data, confidence, finishReason, picture, usage, model } = result
  const answer = {
    task,
    text,
    data,
    confidence,
    finishReason,
    picture: { width: picture.width, height: picture.height },
    usage: { ...usage },
    model: toModelInfo(model),
  }
  // oxlint-disable-next-line no-unsafe-type-assertion -- TaskAnswers is compared with the table in a test
  return answer as unknown as Answer<T>
}
