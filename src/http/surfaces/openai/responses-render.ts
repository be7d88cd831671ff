// FloCap's answers as Responses objects: in progress, finished, failed.
import { randomUUID } from 'node:crypto'
import type { FlocapError } from '../../../base/errors.ts'
import type { ModelDescription } from '../../../caption/ports.ts'
import type { ChatAnswer } from '../../chat/answer-chat.ts'
import { errorText } from '../../errors.ts'
import { renderAnswerExtension } from '../../chat/extension.ts'
import { createCallId } from './render.ts'
import type {
  OutputItem,
  OutputText,
  ResponsesRequest,
  ResponsesResponse,
} from './responses-schema.ts'

/** What all states of one response share. */
export interface ResponseHead {
  readonly id: string
  /** Of the one output item. */
  readonly itemId: string
  /** The output item is a call of this function. */
  readonly call: { readonly name: string; readonly id: string } | undefined
  readonly createdAt: number
  readonly model: ModelDescription
  readonly request: ResponsesRequest
}

export function createResponseHead(
  request: ResponsesRequest,
  model: ModelDescription,
  calledFunction?: string,
): ResponseHead {
  const prefix = calledFunction === undefined ? 'msg' : 'fc'
  return {
    id: `resp_${randomUUID().replaceAll('-', '')}`,
    itemId: `${prefix}_${randomUUID().replaceAll('-', '')}`,
    call: calledFunction === undefined ? undefined : { name: calledFunction, id: createCallId() },
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
    text: { format: { ...request.text?.format, type: request.text?.format?.type ?? 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: [...(request.tools ?? [])],
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
    output: [renderItem(head, status, texts[0])],
    usage: {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: promptTokens + completionTokens,
    },
    flocap: renderAnswerExtension(answer, head.model),
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

/** @param text undefined while none has come. */
export function renderItem(
  { itemId: id, call }: ResponseHead,
  status: OutputItem['status'],
  text: string | undefined,
): OutputItem {
  if (call !== undefined) {
    const { name, id: call_id } = call
    return { type: 'function_call', id, call_id, status, name, arguments: text ?? '' }
  }
  const content = text === undefined ? [] : [renderOutputText(text)]
  return { type: 'message', id, status, role: 'assistant', content }
}

export function renderOutputText(text: string): OutputText {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}
