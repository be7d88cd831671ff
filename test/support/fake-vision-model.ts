// A VisionModel that answers from a script: for tests of everything that calls a Captioner.
//
// It keeps the promises of the port (order of answers, streamed text that adds up, abort) and reads
// prompts as a model would, so a test can name the answer for `<OD>` and not for a sentence.
import { FlocapError } from '../../src/base/errors.ts'
import { LOOK_SIDE } from '../../src/caption/ports.ts'
import type {
  ModelDescription,
  PictureLook,
  Prompt,
  Query,
  QueryAnswer,
  Sequence,
  VisionAnswer,
  VisionHooks,
  VisionModel,
  VisionRequest,
} from '../../src/caption/ports.ts'
import { TASKS, TASK_IDS } from '../../src/caption/tasks.ts'
import type { TaskId } from '../../src/caption/tasks.ts'

/** What the fake says to one query. A string is the text with `</s><s>` and `</s>` around it. */
export type ScriptedAnswer =
  | string
  | Error
  | (Partial<Sequence> & {
      /** Pieces for `onText`; default: `text` cut behind each space. */
      readonly pieces?: readonly string[]
      /** Further sequences, best first. */
      readonly others?: readonly Partial<Sequence>[]
    })

export interface FakeVisionModelOptions {
  /** Answers by task; a function gets the text or region of the prompt. Default: a fixed caption. */
  readonly answers?: Partial<
    Record<TaskId, ScriptedAnswer | ((input: string, query: Query) => ScriptedAnswer)>
  >
  /** Milliseconds before each piece, or a promise that a test settles when it is time. */
  readonly delay?: number | (() => Promise<void>)
  readonly picture?: { readonly width: number; readonly height: number }
  readonly description?: Partial<ModelDescription>
}

export interface FakeVisionModel extends VisionModel {
  /** Every request that came, oldest first. */
  readonly requests: readonly VisionRequest[]
  /** Requests that are being answered. */
  readonly running: number
  /** Requests that were aborted while they ran. */
  readonly aborted: number
  readonly closed: boolean
}

export const FAKE_CAPTION = 'A green car parked in front of a yellow building.'

/** Log-probability of each token that the fake "chose". */
const FAKE_LOG_PROB = -0.1

export function createFakeVisionModel(options: FakeVisionModelOptions = {}): FakeVisionModel {
  const requests: VisionRequest[] = []
  let running = 0
  let aborted = 0
  let closed = false
  const description: ModelDescription = {
    id: 'fake-model',
    demo: false,
    imageSize: 768,
    precision: 'fp32',
    fingerprint: 'f'.repeat(64),
    kernels: 'cpu-avx2',
    parameters: 231_414_016,
    createdAt: Date.UTC(2026, 0, 1),
    ...options.description,
  }

  async function answer(request: VisionRequest, hooks: VisionHooks = {}): Promise<VisionAnswer> {
    const answers: QueryAnswer[] = []
    for (const [index, query] of request.queries.entries()) {
      const scripted = chooseAnswer(query, options)
      await pause(options.delay, hooks.signal)
      if (scripted instanceof Error) throw scripted
      const { pieces, others, ...best } =
        typeof scripted === 'string'
          ? { text: `</s><s>${scripted}</s>` }
          : { others: undefined, pieces: undefined, ...scripted }
      // As the port promises; a script that names others says how many there are.
      const further =
        others ?? Array.from({ length: query.generation.numReturnSequences - 1 }, () => best)
      const sequences = [best, ...further].map(toSequence)
      const text = sequences[0]?.text ?? ''
      for (const [order, piece] of (pieces ?? text.split(/(?<= )/)).entries()) {
        if (order > 0) await pause(options.delay, hooks.signal)
        hooks.onText?.(index, piece)
      }
      answers.push({ sequences, promptTokens: 577 + countWords(query.prompt) + 2 })
    }
    return {
      picture: options.picture ?? { width: 640, height: 480 },
      answers,
      timings: { picture: 1, vision: 2, prefill: 3, decode: 4 },
    }
  }

  return {
    description,
    requests,
    get running() {
      return running
    },
    get aborted() {
      return aborted
    },
    get closed() {
      return closed
    },
    async answer(request, hooks) {
      requests.push(request)
      running += 1
      try {
        return await answer(request, hooks)
      } catch (error) {
        if (error instanceof FlocapError && error.code === 'cancelled') aborted += 1
        throw error
      } finally {
        running -= 1
      }
    },
    look: async ({ picture }) => lookOf(picture, options.picture),
    async close() {
      closed = true
    },
  }
}

/** Other bytes look otherwise: the fake decodes nothing. */
function lookOf(
  picture: Uint8Array,
  size: { readonly width: number; readonly height: number } = { width: 640, height: 480 },
): PictureLook {
  const seed = picture.reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7)
  const cells = Uint8Array.from(
    { length: LOOK_SIDE * LOOK_SIDE * 3 },
    (_, index) => (index * seed) % 256,
  )
  return { ...size, cells }
}

function chooseAnswer(query: Query, { answers = {} }: FakeVisionModelOptions): ScriptedAnswer {
  const { task, input } = readPrompt(query.prompt)
  const scripted = answers[task] ?? FAKE_CAPTION
  return typeof scripted === 'function' ? scripted(input, query) : scripted
}

/** The task that a prompt was rendered from, and what stands where its `{input}` was. */
function readPrompt(prompt: Prompt): { task: TaskId; input: string } {
  const text = prompt.map(renderPart).join('')
  for (const task of TASK_IDS) {
    const [before = '', after] = TASKS[task].prompt.split('{input}')
    if (after === undefined) {
      if (text === before) return { task, input: '' }
    } else if (
      text.length > before.length + after.length &&
      text.startsWith(before) &&
      text.endsWith(after) &&
      isRegion(prompt) === (TASKS[task].takes === 'region')
    ) {
      return { task, input: text.slice(before.length, text.length - after.length) }
    }
  }
  throw new Error(`No task has the prompt ${JSON.stringify(text)}.`)
}

function renderPart(part: Prompt[number]): string {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'token':
      return part.token
    case 'region':
      return part.box.join(',')
  }
}

function isRegion(prompt: Prompt): boolean {
  return prompt.some((part) => part.kind === 'region' || renderPart(part).startsWith('<loc_'))
}

function countWords(prompt: Prompt): number {
  return prompt.map(renderPart).join('').split(' ').length
}

/** Control tokens, and words with the white space around them. */
const PIECE = /<[^<>\s]+>|<|\s*[^<\s]+\s*|\s+/g

/**
 * A sequence with one token for each word and control token. The first `</s>` is what the decoder
 * starts from and is not counted, `<s>` is forced, everything else is chosen.
 */
function toSequence(given: Partial<Sequence>): Sequence {
  const text = given.text ?? `</s><s>${FAKE_CAPTION}</s>`
  const pieces = [...text.matchAll(PIECE)].filter(({ 0: piece, index }) => {
    return !(index === 0 && piece === '</s>')
  })
  const logProbs = given.logProbs ?? pieces.map(([piece]) => (piece === '<s>' ? 0 : FAKE_LOG_PROB))
  const offsets: number[] = []
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1]
    const continues = before !== undefined && isPlain(before[0]) && isPlain(piece[0])
    offsets.push(continues ? (offsets[index - 1] ?? 0) : piece.index)
  }
  return {
    text,
    offsets: logProbs.map((_, index) => offsets[index] ?? text.length),
    tokens: logProbs.map((_, index) => idOf(pieces[index]?.[0], index)),
    logProbs,
    score: logProbs.reduce((sum, logProb) => sum + logProb, 0) / logProbs.length,
    finishReason: 'stop',
    ...given,
  }
}

function isPlain(piece: string): boolean {
  return !/^<[^<>]+>$/.test(piece)
}

function idOf(piece: string | undefined, index: number): number {
  if (piece === '<s>') return 0
  return piece === '</s>' ? 2 : 100 + index
}

/** Waits, and fails as the port says when the request is aborted meanwhile. */
async function pause(
  delay: FakeVisionModelOptions['delay'],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (delay !== undefined && !signal?.aborted) {
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => resolve(), { once: true })
      if (typeof delay === 'number') setTimeout(resolve, delay)
      else delay().then(resolve, reject)
    })
  }
  if (signal?.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
}
