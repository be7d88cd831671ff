// FloCap's answers as Responses objects: in progress, finished, failed.
import { randomUUID } from 'node:crypto'
import type { FlocapError } from '../../../base/errors.ts'
import type { ModelDescription } from '../../../caption/ports.ts'
import type { ChatAnswer } from '../../chat/answer-chat.ts'
import { errorText } from '../../errors.ts'
import { renderEmptyExtension, renderExtension } from '../../chat/extension.ts'
import type {
  OutputItem,
  OutputText,
  ResponsesRequest,
  ResponsesResponse,
} from './responses-schema.ts'

/** What all states of one response share. */
export interface ResponseHead {
  readonly id: string
  readonly messageId: string
  readonly createdAt: number
  readonly model: ModelDescription
  readonly request: ResponsesRequest
}

export function createResponseHead(
  request: ResponsesRequest,
  model: ModelDescription,
): ResponseHead {
  return {
    id: `resp_${randomUUID().replaceAll('-', '')}`,
    messageId: `msg_${randomUUID().replaceAll('-', '')}`,
    createdAt: Math.floor(Date.now() / 1000),
    model,
    request,
  }
}

export function renderInProgress(head: ResponseHead): ResponsesResponse {
  const { request } = head
  return {
    id: head.id,
    object: 'response',
    created_at: head.createdAt,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    model: head.model.id,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: 1,
    text: { format: { type: request.text?.format?.type ?? 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
  }
}

export function renderFinished(head: ResponseHead, answer: ChatAnswer): ResponsesResponse {
  const { description, texts } = answer
  const status = isCut(answer) ? 'incomplete' : 'completed'
  const { promptTokens = 0, completionTokens = 0 } = description?.usage ?? {}
  return {
    ...renderInProgress(head),
    status,
    incomplete_details: isCut(answer) ? { reason: 'max_output_tokens' } : null,
    output: [renderItem(head, status, [renderOutputText(texts[0])])],
    usage: {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: promptTokens + completionTokens,
    },
    flocap: description
      ? renderExtension(description, head.model)
      : renderEmptyExtension(head.model),
  }
}

export function renderFailed(head: ResponseHead, error: FlocapError): ResponsesResponse {
  return {
    ...renderInProgress(head),
    status: 'failed',
    error: { code: error.code, message: errorText(error) },
  }
}

export function isCut({ description }: ChatAnswer): boolean {
  return description?.finishReason === 'length'
}

export function renderItem(
  head: ResponseHead,
  status: OutputItem['status'],
  content: OutputText[],
): OutputItem {
  return { type: 'message', id: head.messageId, status, role: 'assistant', content }
}

export function renderOutputText(text: string): OutputText {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}
