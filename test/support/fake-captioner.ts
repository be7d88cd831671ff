// A captioner without a model: it answers at once, from what it was asked, and remembers every
// request. It refuses what the real one refuses, so that error paths are real too.
import { FlocapError } from '../../src/base/errors.ts'
import type {
  CaptionHooks,
  Captioner,
  CaptionRequest,
  CaptionResult,
} from '../../src/caption/captioner.ts'
import type { ModelDescription } from '../../src/caption/ports.ts'

export const FAKE_MODEL: ModelDescription = {
  id: 'florence-2-large',
  demo: false,
  imageSize: 768,
  precision: 'int8',
  parameters: 776_000_000,
  createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
}

export const DEMO_MODEL: ModelDescription = { ...FAKE_MODEL, id: 'flocap-demo', demo: true }

export interface FakeCaptioner extends Captioner {
  /** Every request so far, with the signal it came with. */
  readonly calls: { readonly request: CaptionRequest; readonly hooks: CaptionHooks }[]
  /** Calls whose signal aborted before they ended. */
  readonly aborted: () => number
}

export interface FakeCaptionerOptions {
  readonly model?: ModelDescription
  /** Milliseconds before the answer; never ends when infinite, except by its signal. */
  readonly delayMs?: number
  /** Text of the answer; by default it tells the task and the size of the picture file. */
  readonly text?: string
  /** Thrown instead of an answer. */
  readonly error?: Error
  /** Thrown after the first piece of text. */
  readonly errorAfterText?: Error
}

export function createFakeCaptioner(options: FakeCaptionerOptions = {}): FakeCaptioner {
  const model = options.model ?? FAKE_MODEL
  const calls: FakeCaptioner['calls'] = []
  let aborted = 0
  return {
    model,
    calls,
    aborted: () => aborted,
    async caption(request, hooks = {}) {
      calls.push({ request, hooks })
      try {
        await wait(options.delayMs ?? 0, hooks.signal)
      } catch (error) {
        aborted += 1
        throw error
      }
      if (options.error) throw options.error
      assertKnownFormat(request.picture)
      const text = options.text ?? describe(request)
      // Word by word, as the search becomes certain.
      for (const piece of text.match(/\s*\S+\s*/g) ?? []) {
        hooks.onText?.(piece)
        if (options.errorAfterText) throw options.errorAfterText
      }
      return answer(request, text, model)
    },
  }
}

function describe(request: CaptionRequest): string {
  const input = request.input === undefined ? '' : ` about "${request.input}"`
  return `A ${request.task} of ${request.picture.byteLength} bytes${input}.`
}

function answer(request: CaptionRequest, text: string, model: ModelDescription): CaptionResult {
  const count = request.generation?.numReturnSequences ?? 1
  const texts = Array.from({ length: count }, (_, rank) =>
    rank === 0 ? text : `${text} Or so (${rank}).`,
  )
  return {
    task: request.task,
    text,
    data: { kind: 'text', text },
    alternatives: texts.map((alternative) => ({
      text: alternative,
      data: { kind: 'text', text: alternative },
      finishReason: 'stop',
      confidence: 0.5,
    })),
    finishReason: request.generation?.maxNewTokens === 3 ? 'length' : 'stop',
    confidence: 0.5,
    usage: { promptTokens: 590, completionTokens: text.split(' ').length },
    picture: { width: 640, height: 480 },
    model,
    timings: { picture: 1, vision: 2, prefill: 3, decode: 4 },
  }
}

/** First bytes as latin1 text, and where they stand. */
const SIGNATURES: readonly (readonly [offset: number, text: string])[] = [
  [0, '\u00ff\u00d8\u00ff'],
  [0, '\u0089PNG\r\n'],
  [0, 'GIF8'],
  [8, 'WEBP'],
  [0, 'BM'],
  [0, 'II*'],
  [0, 'MM\0*'],
  [4, 'ftypavif'],
]

function assertKnownFormat(picture: Uint8Array): void {
  const start = Buffer.from(picture.subarray(0, 16)).toString('latin1')
  if (SIGNATURES.some(([offset, text]) => start.startsWith(text, offset))) return
  throw new FlocapError('unsupported_image_format', 'The bytes are not an image FloCap can read.', {
    hint: 'Send a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF file.',
  })
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.reject(cancelled())
  if (ms === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(cancelled())
    })
  })
}

function cancelled(): FlocapError {
  return new FlocapError('cancelled', 'The request was cancelled.')
}
