// A response as named server-sent events, in the order that the SDKs expect.
import type { FlocapError } from '../../../base/errors.ts'
import type { ChatAnswer } from '../../chat/answer-chat.ts'
import { renderEvent } from '../../stream/server-sent-events.ts'
import type { ResponseHead } from './responses-render.ts'
import {
  isCut,
  renderFailed,
  renderFinished,
  renderInProgress,
  renderItem,
  renderOutputText,
} from './responses-render.ts'

export interface ResponseStream {
  readonly opening: string
  readonly renderText: (text: string) => string
  readonly renderEnd: (answer: ChatAnswer) => string
  readonly renderFailure: (error: FlocapError) => string
}

export function createResponseStream(head: ResponseHead): ResponseStream {
  let sequence = 0
  const event = (type: string, fields: object): string => {
    const text = renderEvent({ type, sequence_number: sequence, ...fields }, type)
    sequence += 1
    return text
  }
  const part =
    head.call === undefined ? createTextEvents(head, event) : createCallEvents(head, event)

  return {
    opening: [
      event('response.created', { response: renderInProgress(head) }),
      event('response.in_progress', { response: renderInProgress(head) }),
      event('response.output_item.added', {
        output_index: 0,
        item: renderItem(head, 'in_progress', undefined),
      }),
      part.opening(),
    ].join(''),
    renderText: part.piece,
    renderEnd(answer) {
      const response = renderFinished(head, answer)
      return [
        part.end(answer.texts[0]),
        event('response.output_item.done', { output_index: 0, item: response.output[0] }),
        event(isCut(answer) ? 'response.incomplete' : 'response.completed', { response }),
      ].join('')
    },
    renderFailure: (error) => event('response.failed', { response: renderFailed(head, error) }),
  }
}

type RenderEvent = (type: string, fields: object) => string

interface PartEvents {
  readonly opening: () => string
  readonly piece: (text: string) => string
  readonly end: (text: string) => string
}

function createTextEvents({ itemId }: ResponseHead, event: RenderEvent): PartEvents {
  const place = { item_id: itemId, output_index: 0, content_index: 0 }
  return {
    opening: () => event('response.content_part.added', { ...place, part: renderOutputText('') }),
    piece: (delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] }),
    end: (text) =>
      event('response.output_text.done', { ...place, text, logprobs: [] }) +
      event('response.content_part.done', { ...place, part: renderOutputText(text) }),
  }
}

/** A call has no content parts: its arguments grow. */
function createCallEvents({ itemId, call }: ResponseHead, event: RenderEvent): PartEvents {
  const place = { item_id: itemId, output_index: 0 }
  return {
    opening: () => '',
    piece: (delta) => event('response.function_call_arguments.delta', { ...place, delta }),
    end: (text) =>
      event('response.function_call_arguments.done', {
        ...place,
        name: call?.name,
        arguments: text,
      }),
  }
}
