// Florence-2 in this process: pictures and prompts in, answers out.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import type {
  GenerationOptions,
  ModelDescription,
  PictureSize,
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
import { createGraphDecoder } from './generate/graph-decoder.ts'
import { preparePicture } from './image/prepare.ts'
import { parsePreprocessorConfig, type PictureSpec } from './image/preprocessor-config.ts'
import { createLock, type Lock } from './lock.ts'
import { floats, int64s, openSession, type Session, type Tensor, type Tensors } from './session.ts'
import { createStopFilter, cutAtStop } from './stop-texts.ts'
import { createTextStream } from './text-stream.ts'
import { openTokenizer, type Tokenizer } from './tokenizer/tokenizer.ts'

export interface Florence2Options {
  /** What clients see. */
  readonly id: string
  readonly demo: boolean
  readonly threads: number
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
  const { graphs, files, tokens } = manifest
  const open = async (file: string): Promise<Session> => openSession(folder, file, options)
  const [vision, prefill, decoder, tokenizer, spec] = await Promise.all([
    open(graphs.vision),
    open(graphs.prefill),
    open(graphs.decoder),
    openTokenizer(folder, files, tokens),
    readPictureSpec(folder, files.preprocessorConfig),
  ])
  return new Florence2({ vision, prefill, decoder, tokenizer, spec, manifest, options })
}

async function readPictureSpec(folder: string, file: string): Promise<PictureSpec> {
  return parsePreprocessorConfig(JSON.parse(await readFile(join(folder, file), 'utf8')))
}

interface Parts {
  readonly vision: Session
  readonly prefill: Session
  readonly decoder: Session
  readonly tokenizer: Tokenizer
  readonly spec: PictureSpec
  readonly manifest: Manifest
  readonly options: Florence2Options
}

class Florence2 implements VisionModel {
  readonly description: ModelDescription
  readonly #parts: Parts
  /** One request computes at a time: each operator uses all threads already. */
  readonly #turns: Lock = createLock()

  constructor(parts: Parts) {
    const { manifest, options } = parts
    this.#parts = parts
    this.description = {
      id: options.id,
      demo: options.demo,
      imageSize: manifest.imageSize,
      precision: manifest.precision,
      parameters: manifest.parameters,
      createdAt: manifest.createdAt,
    }
  }

  async answer(request: VisionRequest, hooks: VisionHooks = {}): Promise<VisionAnswer> {
    const clock = createClock()
    const { spec } = this.#parts
    // Decoding happens on a thread of its own, while another request may still compute.
    const picture = await clock.measure('picture', () =>
      preparePicture(request.picture, spec, { applyOrientation: request.applyOrientation }),
    )
    return this.#turns.run(async () => {
      assertNotCancelled(hooks.signal)
      const features = await clock.measure('vision', () => this.#encodePicture(picture.pixelValues))
      const size: PictureSize = { width: picture.width, height: picture.height }
      const answers: QueryAnswer[] = []
      for (const [i, query] of request.queries.entries()) {
        assertNotCancelled(hooks.signal)
        const prompt = this.#parts.tokenizer.encodePrompt(resolveRegions(query.prompt, size))
        const cross = await clock.measure('prefill', () => this.#prefill(features, prompt))
        const onText = (text: string): void => hooks.onText?.(i, text)
        const search = { generation: query.generation, cross, onText, signal: hooks.signal }
        const sequences = await clock.measure('decode', () => this.#search(search))
        answers.push({ sequences, promptTokens: this.#parts.manifest.imageTokens + prompt.length })
      }
      return { picture: size, answers, timings: clock.timings() }
    })
  }

  async close(): Promise<void> {
    const { vision, prefill, decoder } = this.#parts
    await this.#turns.run(async () => {
      await Promise.all([vision.close(), prefill.close(), decoder.close()])
    })
  }

  /** [1, imageTokens, hidden] */
  async #encodePicture(pixelValues: Float32Array): Promise<Tensor> {
    const { vision, manifest } = this.#parts
    const shape = [1, 3, manifest.imageSize, manifest.imageSize]
    const { image_features: features } = await vision.run({
      pixel_values: floats(pixelValues, shape),
    })
    if (!features) throw new Error('the vision graph gave no image_features')
    return features
  }

  /** Cross-attention keys and values of one prompt about the picture. */
  async #prefill(features: Tensor, prompt: readonly number[]): Promise<Tensors> {
    const { prefill, manifest } = this.#parts
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

  async #search({ generation, cross, onText, signal }: Search): Promise<Sequence[]> {
    const { decoder, tokenizer, manifest } = this.#parts
    const { prefix, stop: stops = [], ...options } = generation
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
    const found = await generate(createGraphDecoder(decoder, manifest, cross), plan, hooks)
    emit(filter.push(words.end()))
    emit(filter.end())
    return found.map((sequence) => {
      const text = tokenizer.decode(sequence.tokens)
      return { ...sequence, text: cutAtStop(text, stops) ?? text }
    })
  }
}

interface Search {
  readonly generation: GenerationOptions
  readonly cross: Tensors
  readonly onText: (text: string) => void
  readonly signal: AbortSignal | undefined
}

function assertNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
}

interface Clock {
  measure<T>(stage: keyof Timings, work: () => Promise<T>): Promise<T>
  timings(): Timings
}

function createClock(): Clock {
  const spent = { picture: 0, vision: 0, prefill: 0, decode: 0 }
  return {
    async measure(stage, work) {
      const began = performance.now()
      try {
        return await work()
      } finally {
        spent[stage] += performance.now() - began
      }
    },
    timings: () => ({ ...spent }),
  }
}
