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
  const place = { item_id: head.messageId, output_index: 0, content_index: 0 }

  return {
    opening: [
      event('response.created', { response: renderInProgress(head) }),
      event('response.in_progress', { response: renderInProgress(head) }),
      event('response.output_item.added', {
        output_index: 0,
        item: renderItem(head, 'in_progress', []),
      }),
      event('response.content_part.added', { ...place, part: renderOutputText('') }),
    ].join(''),
    renderText: (delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] }),
    renderEnd(answer) {
      const [text] = answer.texts
      const response = renderFinished(head, answer)
      return [
        event('response.output_text.done', { ...place, text, logprobs: [] }),
        event('response.content_part.done', { ...place, part: renderOutputText(text) }),
        event('response.output_item.done', { output_index: 0, item: response.output[0] }),
        event(isCut(answer) ? 'response.incomplete' : 'response.completed', { response }),
      ].join('')
    },
    renderFailure: (error) => event('response.failed', { response: renderFailed(head, error) }),
  }
}
