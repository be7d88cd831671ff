// What a program holds: the interface of the library, and nothing of how it works.
import type { Answer, ModelInfo, StructuredAnswer } from './answers.ts'
import type { Question, TaskOf } from './asks.ts'
import type { BatchResult } from './batch.ts'
import type { Picture } from './picture.ts'
import type { CaptionStream } from './stream.ts'
import type { JsonSchema, OutputOf, StandardSchema } from './structured.ts'

/** Of every call. */
export interface CallOptions {
  /** Aborts the call: it rejects with the signal's reason, and the work ends before its next step. */
  readonly signal?: AbortSignal
}

/** Of `batch`: `Item` is whatever a program has for each picture, such as a path or a row. */
export interface BatchOptions<Item, Questions extends readonly Question[]> extends CallOptions {
  /** The picture of an item. What it throws becomes the error of the item. */
  readonly picture: (item: Item) => Picture
  /** Questions about each, at least one. Default: the paragraph `more_detailed_caption`. */
  readonly asks?: Questions
  /** Items at a time, 1 to 256. Default 6: an engine shares its steps between four. */
  readonly concurrency?: number
  /** True, the default: results in the order of the items. False: as they are done. */
  readonly ordered?: boolean
}

/** Of `draw`. */
export interface DrawOptions extends CallOptions {
  /** `png`, the default, or an SVG document with the picture inside. */
  readonly format?: 'png' | 'svg'
}

/** Answers to several questions, in their order: the types that `ask` and `batch` give. */
export type AnswersOf<Questions extends readonly Question[]> = {
  readonly [Place in keyof Questions]: Answer<TaskOf<Questions[Place]>>
}

/**
 * Captions pictures. All calls may overlap; they take turns. Every call rejects with a FlocapError:
 * `missing_image`, `unsupported_image_format`, `invalid_image` or `image_too_large` for a picture that
 * cannot be used, `unknown_task`, `invalid_request` or `invalid_task_input` for a question that cannot,
 * `empty_answer` where the model says nothing, `closed` after `close()`. With a signal that has fired it
 * rejects with the signal's reason.
 */
export interface Captioner {
  /** The model that answers; of a server, as it was when the captioner was made. */
  readonly model: ModelInfo

  /**
   * One answer about a picture: a paragraph, unless a question says otherwise.
   * @param picture a file of at most 1 GiB, decoded and turned upright by FloCap.
   * @throws FlocapError as of the interface.
   */
  caption<const Q extends Question = 'more_detailed_caption'>(
    picture: Picture,
    question?: Q,
    options?: CallOptions,
  ): Promise<Answer<TaskOf<Q>>>

  /**
   * Several answers about a picture, 1 to 32, for which the model looks at it once.
   * @returns answers in the order of the questions, each of the type of its task.
   * @throws FlocapError as of the interface; one that fails fails all.
   */
  ask<const Questions extends readonly Question[]>(
    picture: Picture,
    questions: Questions,
    options?: CallOptions,
  ): Promise<AnswersOf<Questions>>

  /**
   * An answer while it is written. Tasks that find places give their text as one piece at the end.
   * Never throws by itself: iterating or awaiting `answer` does.
   */
  stream<const Q extends Question = 'more_detailed_caption'>(
    picture: Picture,
    question?: Q,
    options?: CallOptions,
  ): CaptionStream<TaskOf<Q>>

  /**
   * Answers about many pictures. Items are pulled only as results are taken, at most `concurrency`
   * ahead. What fails is the result of its item; an abort or `close()` ends the batch. Leaving the
   * loop aborts what runs.
   * @throws FlocapError `invalid_request` at once, for options that cannot be used.
   */
  batch<Item, const Questions extends readonly Question[] = readonly ['more_detailed_caption']>(
    items: Iterable<Item> | AsyncIterable<Item>,
    options: BatchOptions<Item, Questions>,
  ): AsyncGenerator<BatchResult<Item, AnswersOf<Questions>>, void, undefined>

  /**
   * An answer that fits a schema, filled from what tasks find: nothing in it is invented, and what a
   * picture does not tell is named in `unanswered`.
   * @param schema of Zod 4.2 or newer, or of another library with Standard JSON Schema.
   * @throws FlocapError also `invalid_schema`, with the property that no answer can fit or the rule of
   *   the schema's own that what was found does not pass.
   */
  structured<Schema extends StandardSchema>(
    picture: Picture,
    schema: Schema,
    options?: CallOptions,
  ): Promise<StructuredAnswer<OutputOf<Schema>>>
  /** As above, for a JSON schema. */
  structured(picture: Picture, schema: JsonSchema, options?: CallOptions): Promise<StructuredAnswer>

  /**
   * The picture, upright, with what an answer found drawn on it: the bytes of a PNG or SVG file.
   * @param answers one, or several that are drawn one over the other.
   * @throws FlocapError also `invalid_request` for answers that are plain text, and for those about a
   *   picture of another size.
   */
  draw(
    picture: Picture,
    answers: Pick<Answer, 'data' | 'picture'> | readonly Pick<Answer, 'data' | 'picture'>[],
    options?: DrawOptions,
  ): Promise<Uint8Array>

  /** Ends calls that are under way with FlocapError `closed`, and the engine. May be called twice. */
  close(): Promise<void>
  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void>
}
