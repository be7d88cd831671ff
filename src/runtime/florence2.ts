// Florence-2 in this process: pictures and prompts in, answers out.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import type {
  ModelDescription,
  PictureSize,
  Query,
  QueryAnswer,
  Timings,
  VisionAnswer,
  VisionHooks,
  VisionModel,
  VisionRequest,
} from '../caption/ports.ts'
import { type Manifest, readManifest } from '../compiled/manifest.ts'
import { generate } from './generate/generate.ts'
import { createGraphDecoder } from './generate/graph-decoder.ts'
import { preparePicture } from './image/prepare.ts'
import { parsePreprocessorConfig, type PictureSpec } from './image/preprocessor-config.ts'
import { createLock, type Lock } from './lock.ts'
import { floats, int64s, openSession, type Session, type Tensor } from './session.ts'
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
      const answers: QueryAnswer[] = []
      for (const [i, query] of request.queries.entries()) {
        assertNotCancelled(hooks.signal)
        const onText = (text: string): void => hooks.onText?.(i, text)
        answers.push(await this.#answerQuery(query, features, clock, { ...hooks, onText }))
      }
      const size: PictureSize = { width: picture.width, height: picture.height }
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

  async #answerQuery(
    query: Query,
    features: Tensor,
    clock: Clock,
    hooks: { readonly signal?: AbortSignal; readonly onText: (text: string) => void },
  ): Promise<QueryAnswer> {
    const { prefill, decoder, tokenizer, manifest } = this.#parts
    const prompt = tokenizer.encodePrompt(query.prompt)
    const promptTokens = manifest.imageTokens + prompt.length
    if (promptTokens > manifest.encoderPositions) {
      throw new FlocapError(
        'prompt_too_long',
        `The prompt has ${prompt.length} tokens; beside the picture the model can read ` +
          `${manifest.encoderPositions - manifest.imageTokens}.`,
        { hint: 'Shorten the text.' },
      )
    }
    const { encoder_output: _, ...cross } = await clock.measure('prefill', () =>
      prefill.run({ image_features: features, input_ids: int64s(prompt, [1, prompt.length]) }),
    )

    const { generation } = query
    const stream = createTextStream(tokenizer)
    let certainText = ''
    const stops = generation.stop ?? []
    const emit = (text: string): void => {
      certainText += text
      if (text !== '') hooks.onText(text)
    }
    const sequences = await clock.measure('decode', () =>
      generate(
        createGraphDecoder(decoder, manifest, cross),
        {
          options: generation,
          prefix: generation.prefix === undefined ? [] : tokenizer.encodeText(generation.prefix),
          vocabulary: manifest.tokens,
          maxPositions: manifest.decoderPositions,
        },
        {
          ...(hooks.signal ? { signal: hooks.signal } : {}),
          onCertain: (tokens) => emit(stream.push(tokens)),
        },
      ),
    )
    emit(stream.end())
    void certainText
    void stops
    return {
      promptTokens,
      sequences: sequences.map((sequence) => ({
        ...sequence,
        text: tokenizer.decode(sequence.tokens),
      })),
    }
  }
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
