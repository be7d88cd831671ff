// What the caption layer needs of a model. runtime/ fulfils it in the same process, engine/ by a
// child process, tests by a fake; the caption layer cannot tell them apart.
import type { Background } from '../base/background.ts'

/**
 * A prompt is text with control tokens between, kept apart so that user text can never become one:
 * a `text` part is encoded with no added token recognised in it, `<loc_1>` and `</s>` included.
 */
export type PromptPart =
  | { readonly kind: 'text'; readonly text: string }
  /** A token of the vocabulary by its exact name, such as `<loc_52>`. */
  | { readonly kind: 'token'; readonly token: string }
  /**
   * A rectangle in pixels of the upright picture. Location tokens are fractions of the picture, and
   * its size is known only to who decodes it: the model replaces this part by four tokens with
   * `resolveRegions` of region.ts before it encodes the prompt.
   */
  | {
      readonly kind: 'region'
      readonly box: readonly [x1: number, y1: number, x2: number, y2: number]
    }

export type Prompt = readonly PromptPart[]

/** A prompt whose regions have become tokens: ready for the tokenizer. */
export type ResolvedPrompt = readonly Exclude<PromptPart, { readonly kind: 'region' }>[]

/** How an answer is searched for. Names and meanings are those of Hugging Face `generate()`. */
export interface GenerationOptions {
  /** 1 is greedy search. */
  readonly numBeams: number
  /** Upper bound of generated tokens, the forced start and end tokens included. */
  readonly maxNewTokens: number
  readonly earlyStopping: boolean | 'never'
  readonly lengthPenalty: number
  /** 0 turns the ban off. */
  readonly noRepeatNgramSize: number
  /** Bookkeeping of finished beams: as transformers <= 4.49 (`classic`) or >= 4.50 (`vectorised`). */
  readonly stoppingRule: 'classic' | 'vectorised'
  /** How many of the finished beams to return, best first; at most `numBeams`. */
  readonly numReturnSequences: number
  /** Present: sample instead of searching for the most probable answer. */
  readonly sampling?: SamplingOptions
  /** Text that the answer must begin with; the model continues it. */
  readonly prefix?: string
  /** The answer ends before the first of these texts. */
  readonly stop?: readonly string[]
}

export interface SamplingOptions {
  readonly temperature: number
  readonly topP: number
  readonly seed: number
}

export interface Query {
  readonly prompt: Prompt
  readonly generation: GenerationOptions
}

/** How a picture file becomes the picture that is looked at. */
export interface PictureView {
  /** Turn the picture upright as its EXIF orientation says, as viewers do. */
  readonly applyOrientation: boolean
  /** What shows where the picture is transparent. Default: `reference`, as Microsoft's processor. */
  readonly background?: Background | undefined
}

/**
 * A picture with what was found drawn on it: `png` of its own size, `preview`, a JPEG for a quick look,
 * or `thumbnail`, a WebP for a list of pictures.
 */
export type DrawingForm = 'png' | 'preview' | 'thumbnail'

/** Longest sides in pixels; smaller pictures keep their size. */
export const DRAWING_SIDES = {
  /** What chats and agents' windows show without shrinking it; a few hundred kilobytes. */
  preview: 1024,
  /** Sharp on a screen of twice as many pixels to the inch; a few kilobytes. */
  thumbnail: 192,
} as const

/** One picture and the questions about it. */
export interface VisionRequest extends PictureView {
  /** The encoded file, as it came: JPEG, PNG, WebP ... */
  readonly picture: Uint8Array
  /** Its `digestPicture`, where the asker knows it: the process of the model need not hash again. */
  readonly digest?: string
  readonly queries: readonly Query[]
}

/** One picture to look at without a question. */
export interface LookRequest extends PictureView {
  readonly picture: Uint8Array
}

/** Cells on a side of a look, each of 4 x 4 pixels as the models see them. */
export const LOOK_SIDE = 192

/** A picture in small: enough to tell whether another one shows the same; see `alike.ts`. */
export interface PictureLook extends PictureSize {
  /** Mean colours of `LOOK_SIDE` x `LOOK_SIDE` cells: rows from the top, R, G and B of each. */
  readonly cells: Uint8Array
}

export type FinishReason =
  /** The model ended its answer. */
  | 'stop'
  /** `maxNewTokens` or the model's own position limit cut it. */
  | 'length'
  /** One of the `stop` texts appeared. */
  | 'stop_text'

export interface Sequence {
  /** The answer with its special tokens, `</s>` and `<loc_1>` included: parsers need them. */
  readonly text: string
  /** Generated ids, the decoder start token not included. */
  readonly tokens: readonly number[]
  /**
   * Where in `text` each token of `tokens` begins. Those of plain text between two control tokens all
   * begin where the first of them does.
   */
  readonly offsets: readonly number[]
  /** Log-probability of each token of `tokens`, forced ones 0. */
  readonly logProbs: readonly number[]
  /** What beams are ranked by: sum of `logProbs` over length ** lengthPenalty. */
  readonly score: number
  readonly finishReason: FinishReason
}

export interface QueryAnswer {
  /** Best first; `numReturnSequences` of them. */
  readonly sequences: readonly Sequence[]
  /** Tokens the text encoder read: image features and prompt. */
  readonly promptTokens: number
}

export interface VisionAnswer {
  /** Size of the picture after orientation, in pixels: what coordinates refer to. */
  readonly picture: PictureSize
  /** One for each query, in their order. */
  readonly answers: readonly QueryAnswer[]
  /** Where the time went, in milliseconds. */
  readonly timings: Timings
}

export interface PictureSize {
  readonly width: number
  readonly height: number
}

export interface Timings {
  /** Decode, orient, resize, normalise. */
  readonly picture: number
  /** Vision encoder; 0 when its features were still known. */
  readonly vision: number
  /** Text encoder and cross-attention keys and values. */
  readonly prefill: number
  readonly decode: number
}

export interface VisionHooks {
  readonly signal?: AbortSignal
  /** Text that has become certain, per query: the concatenation of all calls is the final text. */
  readonly onText?: (query: number, text: string) => void
}

export interface ModelDescription {
  /** What clients see in model lists, such as `flocap-demo` or `florence-2-large`. */
  readonly id: string
  /** True for the bundled miniature: every front must say so. */
  readonly demo: boolean
  /** Side of the square picture the model sees, in pixels. */
  readonly imageSize: number
  readonly precision: string
  /**
   * Names the weights and the graphs: the same on every machine that has compiled the same checkpoint
   * into the same form. Empty until the model is loaded.
   */
  readonly fingerprint: string
  /** The kernels that compute it, such as `cpu-avx2`: 8-bit ones round differently. */
  readonly kernels: string
  /** Weights in the checkpoint, for model lists. */
  readonly parameters: number
  /** When the model was made ready, ms since 1970. */
  readonly createdAt: number
  /** How its checkpoint wants answers searched for; a request's own options come first. */
  readonly generation?: Partial<GenerationOptions>
  /**
   * Tokens that its tokenizer has and Florence-2's has not, such as `<MY_TASK>`: a fine-tune adds one
   * for each of its own tasks. Absent for none.
   */
  readonly taskTokens?: readonly string[]
}

/** A model that answers questions about pictures. */
export interface VisionModel {
  readonly description: ModelDescription
  /** @throws FlocapError for a bad picture, a prompt that is too long, or when cancelled. */
  answer(request: VisionRequest, hooks?: VisionHooks): Promise<VisionAnswer>
  /** Decodes the picture and no more. @throws FlocapError for a bad picture. */
  look(request: LookRequest): Promise<PictureLook>
  close(): Promise<void>
}
