// An answer of FloCap's own API while it is written: named server-sent events.
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { FlocapError } from '../base/errors.ts'
import { AnswerDelta } from '../http/surfaces/native/schema.ts'
import { toServerError } from './server-error.ts'

/**
 * @param onText told each piece of text, with the index of its task.
 * @returns the body of the whole answer.
 * @throws FlocapError what the server says, or `engine_failed` when it breaks off.
 */
export async function readAnswerEvents(
  response: Response,
  onText: (task: number, text: string) => void,
): Promise<unknown> {
  if (response.body === null) throw brokenOff()
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  for await (const { event, data } of events) {
    const value: unknown = JSON.parse(data)
    if (event === 'answer-end') return value
    if (event === 'error') throw toServerError(data, response)
    if (event !== 'answer-delta') continue
    const { answer, text } = AnswerDelta.parse(value)
    onText(answer, text)
  }
  throw brokenOff()
}

function brokenOff(): FlocapError {
  return new FlocapError('engine_failed', 'The server broke off before its answer was complete.', {
    hint: 'Ask again.',
  })
}
