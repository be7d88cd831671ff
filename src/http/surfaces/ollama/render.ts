// FloCap's answers as Ollama's objects. A stream is made of the same objects, one a line.
import type { ModelDescription, Timings } from '../../../caption/ports.ts'
import type { ChatAnswer } from '../../chat/answer-chat.ts'
import type { Description } from '../../chat/describe.ts'
import { renderAnswerExtension } from '../../chat/extension.ts'

const NANOSECONDS = 1_000_000

/** How one of the two routes writes its answers. */
export interface AnswerShape {
  readonly renderText: (text: string) => object
  /** Beside the last text. */
  readonly ending: object
}

export const GENERATE: AnswerShape = {
  renderText: (response) => ({ response }),
  // FloCap remembers nothing, but ollama-python's users read it without asking whether it is there.
  ending: { context: [] },
}

export const CHAT: AnswerShape = {
  renderText: (content) => ({ message: { role: 'assistant', content } }),
  ending: {},
}

/** One piece of a stream. */
export function renderPiece(model: ModelDescription, shape: AnswerShape, text: string): object {
  return { ...head(model), ...shape.renderText(text), done: false }
}

/** What has not been sent yet; the arguments of a call where a function is called. */
interface LastText {
  readonly text: string
  readonly called: string | undefined
}

/** Only chats have tools. Arguments are an object, not JSON in a string as elsewhere. */
function renderCall(name: string, json: string): object {
  const call: unknown = { function: { name, arguments: JSON.parse(json) } }
  return { message: { role: 'assistant', content: '', tool_calls: [call] } }
}

/** The last object of a stream, or the only one of an answer that is not streamed. */
export function renderEnd(
  model: ModelDescription,
  shape: AnswerShape,
  { text, called }: LastText,
  answer: ChatAnswer,
): object {
  const { description } = answer
  return {
    ...head(model),
    ...(called === undefined ? shape.renderText(text) : renderCall(called, text)),
    done: true,
    ...shape.ending,
    done_reason: description?.finishReason === 'length' ? 'length' : 'stop',
    ...renderDurations(description),
    flocap: renderAnswerExtension(answer, model),
  }
}

/** The answer to a request without a prompt, by which clients load or unload a model. */
export function renderLoaded(
  model: ModelDescription,
  shape: AnswerShape,
  reason: 'load' | 'unload',
): object {
  return { ...head(model), ...shape.renderText(''), done: true, done_reason: reason }
}

function head(model: ModelDescription): object {
  return { model: model.id, created_at: new Date().toISOString() }
}

function renderDurations(description: Description | undefined): object {
  const timings = description?.results.map(({ result }) => result.timings) ?? []
  const prompt = duration(timings, ({ picture, vision, prefill }) => picture + vision + prefill)
  const answer = duration(timings, ({ decode }) => decode)
  return {
    total_duration: prompt + answer,
    load_duration: 0,
    prompt_eval_count: description?.usage.promptTokens ?? 0,
    prompt_eval_duration: prompt,
    eval_count: description?.usage.completionTokens ?? 0,
    eval_duration: answer,
  }
}

function duration(timings: readonly Timings[], of: (timings: Timings) => number): number {
  const milliseconds = timings.reduce((total, each) => total + of(each), 0)
  return Math.round(milliseconds * NANOSECONDS)
}
