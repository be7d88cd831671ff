// A captioner without a model: it answers at once, from what it was asked, and remembers every
// request. It refuses what the real one refuses, so that error paths are real too.
import { FlocapError } from '../../src/base/errors.ts'
import type {
  CaptionHooks,
  CaptionRequest,
  CaptionResult,
  TasksCaptioner,
} from '../../src/caption/captioner.ts'
import { DEFAULT_GENERATION, resolveGeneration } from '../../src/caption/generation.ts'
import type { ModelDescription } from '../../src/caption/ports.ts'
import { renderPrompt } from '../../src/caption/prompt.ts'
import type { TaskData } from '../../src/caption/task-data.ts'
import { TASKS } from '../../src/caption/tasks.ts'

export const FAKE_MODEL: ModelDescription = {
  id: 'florence-2-large',
  demo: false,
  imageSize: 768,
  precision: 'int8',
  fingerprint: 'f'.repeat(64),
  kernels: 'cpu-avx2',
  parameters: 776_000_000,
  createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
}

export const DEMO_MODEL: ModelDescription = { ...FAKE_MODEL, id: 'flocap-demo', demo: true }

export interface FakeCaptioner extends TasksCaptioner {
  /** Every request so far, with the signal it came with. */
  readonly calls: { readonly request: CaptionRequest; readonly hooks: CaptionHooks }[]
  /** Calls whose signal aborted before they ended. */
  readonly aborted: () => number
}

export interface FakeCaptionerOptions {
  readonly model?: ModelDescription
  /** Milliseconds before the answer; never ends when infinite, except by its signal. */
  readonly delayMs?: number
  /** Awaited before the answer, where a test decides when it comes. */
  readonly held?: Promise<void>
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

  async function caption(request: CaptionRequest, hooks: CaptionHooks = {}) {
    calls.push({ request, hooks })
    // The real checks, so that a request which FloCap would refuse is refused here too.
    renderPrompt(request.task, request.input, request.region)
    resolveGeneration(DEFAULT_GENERATION, request.generation)
    try {
      await options.held
      await wait(options.delayMs ?? 0, hooks.signal)
    } catch (error) {
      aborted += 1
      throw error
    }
    if (options.error) throw options.error
    assertKnownFormat(request.picture)
    const text = options.text ?? describe(request)
    assertKeepsPort(text)
    if (TASKS[request.task].answer === 'text') streamWords(text, hooks, options.errorAfterText)
    return answer(request, text, model)
  }

  return {
    model,
    calls,
    aborted: () => aborted,
    caption,
    captionTasks: ({ tasks, ...picture }, { signal, onText } = {}) =>
      Promise.all(
        tasks.map((task, index) =>
          caption(
            { ...picture, ...task },
            {
              ...(signal === undefined ? {} : { signal }),
              ...(onText === undefined ? {} : { onText: (text) => onText(index, text) }),
            },
          ),
        ),
      ),
  }
}

/** What `CaptionResult.text` promises: a test that needs anything else would prove what cannot be. */
function assertKeepsPort(text: string): void {
  if (text !== '' && text === text.trim()) return
  throw new TypeError(`No captioner answers ${JSON.stringify(text)}.`)
}

/** Word by word, as the search becomes certain. */
function streamWords(text: string, hooks: CaptionHooks, failure: Error | undefined): void {
  for (const piece of text.match(/\s*\S+/g) ?? []) {
    hooks.onText?.(piece)
    if (failure) throw failure
  }
}

function describe({ task, picture, input, region }: CaptionRequest): string {
  const about = input ?? region?.box.join(', ')
  const end = about === undefined ? '' : ` about "${about}"`
  return `A ${task} of ${picture.byteLength} bytes${end}.`
}

function answer(request: CaptionRequest, text: string, model: ModelDescription): CaptionResult {
  const count = request.generation?.numReturnSequences ?? 1
  const finishReason = (request.generation?.maxNewTokens ?? 99) < 5 ? 'length' : 'stop'
  const others = Array.from({ length: count }, (_, rank) =>
    rank === 0 ? text : `${text} Or so (${rank}).`,
  )
  return {
    task: request.task,
    text,
    data: dataOf(request, text),
    alternatives: (count === 1 ? [] : others).map((alternative) => ({
      text: alternative,
      data: dataOf(request, alternative),
      finishReason,
      confidence: 0.5,
    })),
    finishReason,
    confidence: 0.5,
    usage: { promptTokens: 590, completionTokens: text.split(' ').length },
    picture: { width: 640, height: 480 },
    model,
    timings: { picture: 1, vision: 2, prefill: 3, decode: 4 },
  }
}

/** One finding of the shape that the task's answers have. */
function dataOf({ task }: CaptionRequest, text: string): TaskData {
  const box = { label: 'car', box: [34, 160, 597, 372], score: 0.9 } as const
  const quad = { label: 'STOP', quad: [10, 10, 50, 10, 50, 30, 10, 30], score: 0.8 }
  const polygon = { label: 'car', outlines: [[181, 181, 183, 181, 188, 178]], score: 0.7 }
  switch (TASKS[task].answer) {
    case 'text':
      return { kind: 'text', text }
    case 'boxes':
      return { kind: 'boxes', boxes: [box] }
    case 'quads':
      return { kind: 'quads', quads: [quad] }
    case 'polygons':
      return { kind: 'polygons', polygons: [polygon] }
    case 'boxes_or_polygons':
      return { kind: 'boxes_or_polygons', boxes: [box], polygons: [polygon] }
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
  [4, 'ftyphei'],
  [0, '\0\0\u0001\0'], // icons
]

function assertKnownFormat(picture: Uint8Array): void {
  const start = Buffer.from(picture.subarray(0, 16)).toString('latin1')
  if (SIGNATURES.some(([offset, text]) => start.startsWith(text, offset))) return
  throw new FlocapError('unsupported_image_format', 'The bytes are not an image FloCap can read.', {
    hint: 'Send a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC or ICO file.',
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
