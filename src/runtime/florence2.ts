// Florence-2 in this process: pictures and prompts in, answers out.
import type { Device } from '../base/devices.ts'
import { FlocapError } from '../base/errors.ts'
import type {
  LookRequest,
  ModelDescription,
  PictureLook,
  PictureSize,
  Query,
  QueryAnswer,
  Sequence,
  Timings,
  VisionAnswer,
  VisionHooks,
  VisionModel,
  VisionRequest,
} from '../caption/ports.ts'
import { resolveRegions } from '../caption/region.ts'
import { type Manifest, readManifest } from '../compiled/manifest.ts'
import { generate } from './generate/generate.ts'
import {
  createEncodedPictures,
  type EncodedPicture,
  type EncodedPictures,
  pictureKey,
} from './encoded-pictures.ts'
import type { AnswerDecoders, Requester, StepDecoder } from './generate/decoder.ts'
import { createGraphDecoders } from './generate/graph-decoder.ts'
import { DEFAULT_PICTURE_LIMITS, type PictureLimits } from './image/decode/limits.ts'
import { lookAt } from './image/look.ts'
import { preparePicture } from './image/prepare.ts'
import { kernelClassOf } from './kernel-class.ts'
import { createSemaphore, type Semaphore } from './schedule/semaphore.ts'
import { createTurns, type Turns } from './schedule/turns.ts'
import { floats, int64s, openSession, type Session, type Tensor, type Tensors } from './session.ts'
import { createStopFilter, cutAtStop } from './stop-texts.ts'
import { createTextStream } from './text-stream.ts'
import { locateTokens } from './token-offsets.ts'
import { openTokenizer, type Tokenizer } from './tokenizer/tokenizer.ts'

export interface Florence2Options {
  /** What clients see. */
  readonly id: string
  readonly demo: boolean
  readonly threads: number
  /** Default `cpu`; another one needs the plain lowering. */
  readonly device?: Device
  /** Of pictures. Default: DEFAULT_PICTURE_LIMITS. */
  readonly limits?: PictureLimits
  /** Of pictures that are remembered in encoded form. Default: 64 MiB. */
  readonly encodedBytes?: number
}

/**
 * Loads a compiled folder.
 *
 * @throws FlocapError `invalid_model` when a file of it is missing or damaged.
 */
export async function createFlorence2(
  folder: string,
  options: Florence2Options,
): Promise<VisionModel> {
  const manifest = await readManifest(folder)
  const { graphs, files } = manifest
  const open = async (file: string): Promise<Session> => openSession(folder, file, options)
  const [vision, prefill, decoder, tokenizer] = await Promise.all([
    open(graphs.vision),
    open(graphs.prefill),
    open(graphs.decoder),
    openTokenizer(folder, files),
  ])
  return new Florence2({ vision, prefill, decoder, tokenizer, manifest, options })
}

interface Parts {
  readonly vision: Session
  readonly prefill: Session
  readonly decoder: Session
  readonly tokenizer: Tokenizer
  readonly manifest: Manifest
  readonly options: Florence2Options
}

/**
 * Pictures in pixels: one that is computed, and the next, so that nobody waits for its decoding. The
 * queue behind them waits in encoded form, which is a hundredth of the memory.
 */
const MAX_PICTURES_AT_ONCE = 2
/**
 * Requests that compute at a time, so that their answers share steps. Each has 22 MB of cross-attention
 * cache; of eight together a caption would cost 4 % less.
 */
const MAX_REQUESTS_AT_ONCE = 4

/** A token without a row in the embedding is one that the model was never given. */
function toTaskTokens({
  tokenizer,
  manifest,
}: Pick<Parts, 'tokenizer' | 'manifest'>): Pick<ModelDescription, 'taskTokens'> {
  const known = tokenizer.taskTokens.filter(({ id }) => id < manifest.vocabularySize)
  return known.length === 0 ? {} : { taskTokens: known.map(({ token }) => token) }
}

class Florence2 implements VisionModel {
  readonly description: ModelDescription
  readonly #parts: Parts
  readonly #turns: Turns = createTurns()
  readonly #decoders: AnswerDecoders
  readonly #pictures: Semaphore = createSemaphore(MAX_PICTURES_AT_ONCE)
  readonly #requests: Semaphore = createSemaphore(MAX_REQUESTS_AT_ONCE)
  readonly #encoded: EncodedPictures
  readonly #looking: Semaphore = createSemaphore(1)

  constructor(parts: Parts) {
    const { manifest, options } = parts
    this.#parts = parts
    this.#encoded = createEncodedPictures(options.encodedBytes)
    this.#decoders = createGraphDecoders(parts.decoder, manifest, this.#turns)
    this.description = {
      id: options.id,
      demo: options.demo,
      imageSize: manifest.picture.height,
      precision: manifest.precision,
      fingerprint: manifest.fingerprint,
      kernels: kernelClassOf(options.device ?? 'cpu'),
      parameters: manifest.parameters,
      createdAt: manifest.createdAt,
      generation: toOptions(manifest.generation),
      ...toTaskTokens(parts),
    }
  }

  async answer(request: VisionRequest, hooks: VisionHooks = {}): Promise<VisionAnswer> {
    assertNotCancelled(hooks.signal)
    const slices = this.#createSlices(hooks.signal)
    const { features, size, leave } = await this.#enter(request, slices)
    try {
      const { queries } = request
      const prompts = queries.map(({ prompt }) =>
        this.#parts.tokenizer.encodePrompt(resolveRegions(prompt, size)),
      )
      const caches: Tensors[] = []
      for (const prompt of prompts) {
        caches.push(await slices.run('prefill', () => this.#prefill(features, prompt)))
      }
      // Handed over: a cache that is copied into a batch of several must not stay here as well.
      const decoders = caches
        .splice(0)
        .map((cache) => this.#decoders.begin(cache, slices.requester))
      const answers = await allOf(
        queries.map(async (query, i): Promise<QueryAnswer> => {
          const onText = (text: string): void => hooks.onText?.(i, text)
          const steps = decoders[i]!
          try {
            const sequences = await this.#search({ query, steps, onText, signal: hooks.signal })
            const { imageTokens } = this.#parts.manifest
            return { sequences, promptTokens: imageTokens + prompts[i]!.length }
          } finally {
            steps.release()
          }
        }),
      )
      return { picture: size, answers, timings: slices.timings() }
    } finally {
      leave()
    }
  }

  /** Beside the pictures that wait for their turn to be computed, so that it waits for none of them. */
  async look({ picture, applyOrientation, background }: LookRequest): Promise<PictureLook> {
    const { limits = DEFAULT_PICTURE_LIMITS } = this.#parts.options
    return this.#looking.run(async () => lookAt(picture, { applyOrientation, background, limits }))
  }

  async close(): Promise<void> {
    const { vision, prefill, decoder } = this.#parts
    await this.#turns.run(this.#turns.join(), false, async () => {
      await Promise.all([vision.close(), prefill.close(), decoder.close()])
    })
  }

  /** One request's slices of work: each when its turn has come, timed, unless it was cancelled. */
  #createSlices(signal: AbortSignal | undefined): Slices {
    const share = this.#turns.join()
    const spent = { picture: 0, vision: 0, prefill: 0, decode: 0 }
    const measure = async <T>(stage: keyof Timings, work: () => Promise<T>): Promise<T> => {
      assertNotCancelled(signal)
      const began = performance.now()
      try {
        return await work()
      } finally {
        spent[stage] += performance.now() - began
      }
    }
    return {
      measure,
      run: async (stage, work) => this.#turns.run(share, false, () => measure(stage, work)),
      requester: {
        share,
        spend(milliseconds) {
          spent.decode += milliseconds
        },
      },
      timings: () => ({ ...spent }),
    }
  }

  /**
   * A place among the requests that compute, with the picture as the language model reads it. The
   * picture is decoded before: most of that happens on a thread of its own, while others compute.
   */
  async #enter(request: VisionRequest, slices: Slices): Promise<Entered> {
    const { manifest, options } = this.#parts
    const spec = manifest.picture
    const { picture, applyOrientation, background } = request
    const { limits = DEFAULT_PICTURE_LIMITS } = options
    const key = pictureKey(request)
    const enter = async (encode: () => Promise<EncodedPicture>): Promise<Entered> => {
      const leave = await this.#requests.take()
      try {
        return { ...(await encode()), leave }
      } catch (error) {
        leave()
        throw error
      }
    }
    const known = this.#encoded.get(key)
    if (known) return enter(async () => known)
    return this.#pictures.run(async () => {
      const { pixelValues, width, height } = await slices.measure('picture', () =>
        preparePicture(picture, spec, { applyOrientation, background, limits }),
      )
      // Somebody else may have asked about the same picture meanwhile.
      return enter(() =>
        slices.run(
          'vision',
          async () => this.#encoded.get(key) ?? this.#encode(key, pixelValues, { width, height }),
        ),
      )
    })
  }

  async #encode(key: string, pixels: Float32Array, size: PictureSize): Promise<EncodedPicture> {
    const { vision, manifest } = this.#parts
    const shape = [1, 3, manifest.picture.height, manifest.picture.width]
    const { image_features: features } = await vision.run({ pixel_values: floats(pixels, shape) })
    if (!features) throw new Error('the vision graph gave no image_features')
    const encoded = { features, size }
    this.#encoded.set(key, encoded)
    return encoded
  }

  /** Cross-attention keys and values of one prompt about the picture. */
  async #prefill(features: Tensor, prompt: readonly number[]): Promise<Tensors> {
    const { prefill, manifest } = this.#parts
    const unknown = prompt.find((id) => id >= manifest.vocabularySize)
    if (unknown !== undefined) {
      throw new FlocapError(
        'invalid_model',
        `The prompt has the token ${unknown}; the model has weights for ${manifest.vocabularySize}.`,
        { hint: 'Its tokenizer.json is of another model.' },
      )
    }
    const room = manifest.encoderPositions - manifest.imageTokens
    if (prompt.length > room) {
      throw new FlocapError(
        'prompt_too_long',
        `The prompt has ${prompt.length} tokens; beside the picture the model can read ${room}.`,
        { hint: 'Shorten the text.' },
      )
    }
    const { encoder_output: _, ...cross } = await prefill.run({
      image_features: features,
      input_ids: int64s(prompt, [1, prompt.length]),
    })
    return cross
  }

  async #search({ query, steps, onText, signal }: Search): Promise<Sequence[]> {
    const { tokenizer, manifest } = this.#parts
    const { prefix, stop: stops = [], ...options } = query.generation
    const words = createTextStream(tokenizer)
    const filter = createStopFilter(stops)
    const emit = (text: string): void => {
      if (text !== '') onText(text)
    }
    const plan = {
      options,
      prefix: prefix === undefined ? [] : tokenizer.encodeText(prefix),
      vocabulary: manifest.tokens,
      maxPositions: manifest.decoderPositions,
    }
    const hooks = {
      ...(signal === undefined ? {} : { signal }),
      onCertain: (tokens: readonly number[]) => emit(filter.push(words.push(tokens))),
      ...(stops.length === 0
        ? {}
        : {
            isComplete: (tokens: readonly number[]) =>
              cutAtStop(tokenizer.decode(tokens), stops) !== null,
          }),
    }
    const found = await generate(steps, plan, hooks)
    emit(filter.push(words.end()))
    emit(filter.end())
    return found.map((sequence) => {
      const whole = tokenizer.decode(sequence.tokens)
      const text = cutAtStop(whole, stops) ?? whole
      const offsets = locateTokens(sequence.tokens, text, (token) => tokenizer.decode([token]))
      return { ...sequence, text, offsets }
    })
  }
}

function toOptions({
  numBeams,
  ...settings
}: Manifest['generation']): NonNullable<ModelDescription['generation']> {
  return { ...settings, ...(numBeams === null ? {} : { numBeams }) }
}

interface Search {
  readonly query: Query
  readonly steps: StepDecoder
  readonly onText: (text: string) => void
  readonly signal: AbortSignal | undefined
}

interface Entered extends EncodedPicture {
  /** Gives the place to the next. */
  readonly leave: () => void
}

interface Slices {
  /** Timed, beside the turns. */
  measure<T>(stage: keyof Timings, work: () => Promise<T>): Promise<T>
  /** Timed, when it is this request's turn. */
  run<T>(stage: keyof Timings, work: () => Promise<T>): Promise<T>
  /** Whom the decoder's steps are for. */
  readonly requester: Requester
  timings(): Timings
}

/** As Promise.all, but nothing goes on in the background after a failure. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises)
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

function assertNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
}
