// The Captioner of the library over a backend: each call reads its question, then waits for its turn,
// then reads its picture.
import { FlocapError } from '../base/errors.ts'
import { showValue } from '../base/show-value.ts'
import { withAnySignal } from '../base/with-any-signal.ts'
import type { CaptionResult, TaskRequest, TasksCaptioner } from '../caption/captioner.ts'
import { assertDrawable, type Found } from '../caption/draw-findings.ts'
import { type Answer, toAnswer, toModelInfo } from './answers.ts'
import { toTaskRequest } from './asks.ts'
import type { Backend } from './backend.ts'
import { runBatch } from './batch.ts'
import { Calls } from './calls.ts'
import type { Captioner } from './captioner.ts'
import { type FetchPicture, readPicture } from './picture.ts'
import { createStream } from './stream.ts'
import { planStructured } from './structured.ts'

export interface LibraryParts {
  readonly captioner: TasksCaptioner
  readonly backend: Pick<Backend, 'draw' | 'close'>
  readonly fetchPicture: FetchPicture
  /** Calls that work at a time. */
  readonly places: number
}

const DEFAULT_CONCURRENCY = 6
const MAX_CONCURRENCY = 256

export function createLibraryCaptioner(parts: LibraryParts): Captioner {
  const { captioner, backend, fetchPicture, places } = parts
  const calls = new Calls(places)

  async function answer(
    picture: unknown,
    tasks: readonly TaskRequest[],
    signal: AbortSignal | undefined,
    onText?: (text: string) => void,
  ): Promise<readonly CaptionResult[]> {
    return calls.run(signal, async (running) =>
      captioner.captionTasks(
        { picture: await readPicture(picture, fetchPicture, running), tasks },
        {
          signal: running,
          ...(onText === undefined
            ? {}
            : { onText: (_task, text) => running.aborted || onText(text) }),
        },
      ),
    )
  }

  async function answerOne(
    picture: unknown,
    question: unknown,
    signal: AbortSignal | undefined,
    onText?: (text: string) => void,
  ): Promise<never> {
    const [result] = await answer(picture, [toTaskRequest(question)], signal, onText)
    if (result === undefined) throw new TypeError('One task has one result.')
    // oxlint-disable-next-line no-unsafe-type-assertion -- the answer of the question's own task
    return toAnswer(result) as never
  }

  async function askAll(
    picture: unknown,
    tasks: readonly TaskRequest[],
    signal: AbortSignal | undefined,
  ): Promise<never> {
    const answers = (await answer(picture, tasks, signal)).map((result) => toAnswer(result))
    // oxlint-disable-next-line no-unsafe-type-assertion -- one for each question, in their order
    return answers as never
  }

  async function close(): Promise<void> {
    calls.close()
    await backend.close()
  }

  return {
    model: toModelInfo(captioner.model),
    caption: async (picture, question, { signal } = {}) => answerOne(picture, question, signal),
    ask: async (picture, questions, { signal } = {}) =>
      askAll(picture, toTasks(questions, 'questions'), signal),
    stream: (picture, question, { signal } = {}) =>
      createStream(async (onText, left) => {
        let streamed = ''
        const signals = signal === undefined ? [left] : [signal, left]
        const whole: Pick<Answer, 'text'> = await withAnySignal(signals, async (either) =>
          answerOne(picture, question, either, (text) => {
            streamed += text
            onText(text)
          }),
        )
        // Findings are written when all are known.
        if (streamed === '') onText(whole.text)
        // oxlint-disable-next-line no-unsafe-type-assertion -- as above
        return whole as never
      }),
    batch(items, { picture, asks = [{}], concurrency = DEFAULT_CONCURRENCY, ...options }) {
      const { ordered = true, signal } = options
      assertConcurrency(concurrency)
      const tasks = toTasks(asks, 'asks')
      return runBatch({
        items,
        answer: async (item, running) => askAll(pictureOf(picture, item), tasks, running),
        concurrency,
        ordered,
        signal,
      })
    },
    async structured(picture: unknown, schema: unknown, { signal }: { signal?: AbortSignal } = {}) {
      const plan = planStructured(schema, captioner)
      // oxlint-disable-next-line no-unsafe-type-assertion -- the schema's own validation has passed
      return plan.answer(await answer(picture, plan.tasks, signal)) as never
    },
    async draw(picture, answers, { format = 'png', signal } = {}) {
      const found = toFound(answers)
      if (format !== 'png' && format !== 'svg') {
        throw wrong('format', "'png' or 'svg'", format)
      }
      return calls.run(signal, async (running) => {
        const bytes = await readPicture(picture, fetchPicture, running)
        return backend.draw(format, bytes, found, running)
      })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function toTasks(questions: unknown, name: string): readonly TaskRequest[] {
  if (!Array.isArray(questions) || questions.length === 0) {
    throw wrong(name, 'a list of at least one question', questions)
  }
  return questions.map((question) => toTaskRequest(question))
}

/** What a callback of the program throws is told with the item, as its own failure. */
function pictureOf<Item>(picture: (item: Item) => unknown, item: Item): unknown {
  try {
    return picture(item)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new FlocapError('missing_image', `The function 'picture' failed: ${said}`, { cause })
  }
}

function assertConcurrency(concurrency: unknown): void {
  const isGood = Number.isInteger(concurrency) && Number(concurrency) >= 1
  if (isGood && Number(concurrency) <= MAX_CONCURRENCY) return
  throw wrong('concurrency', `a whole number from 1 to ${MAX_CONCURRENCY}`, concurrency)
}

function toFound(answers: unknown): Found {
  const list = [answers].flat().filter((each): each is Answer => Object(each).data !== undefined)
  const data = list.map((each) => each.data)
  assertDrawable(data)
  const [{ picture: size } = { picture: { width: 0, height: 0 } }] = list
  return { data, size }
}

function wrong(name: string, expected: string, value: unknown): FlocapError {
  return new FlocapError(
    'invalid_request',
    `Expected ${expected} for ${name}, got ${showValue(value)}.`,
    { subject: name },
  )
}
