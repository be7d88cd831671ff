// FloCap's answers as Anthropic's messages, whole and as events.
import { randomUUID } from 'node:crypto'
import type { ModelDescription } from '../../../caption/ports.ts'
import type { ChatAnswer } from '../../chat/answer-chat.ts'
import type { AnswerFormat } from '../../chat/answer-format.ts'
import { renderAnswerExtension } from '../../chat/extension.ts'
import { renderEvent } from '../../stream/server-sent-events.ts'
import type { MessageResponse, StopReason } from './schema.ts'

/** What all states of one message share. */
export interface MessageHead {
  readonly id: string
  readonly model: ModelDescription
  readonly stopSequences: readonly string[]
  /** Of the tool that is called; undefined for a text. */
  readonly call: { readonly id: string; readonly name: string } | undefined
}

export function createMessageHead(
  model: ModelDescription,
  stopSequences: readonly string[],
  format: AnswerFormat,
): MessageHead {
  return {
    id: createId('msg'),
    model,
    stopSequences,
    call: format.kind === 'tool' ? { id: createId('toolu'), name: format.name } : undefined,
  }
}

function createId(kind: 'msg' | 'toolu'): string {
  return `${kind}_${randomUUID().replaceAll('-', '')}`
}

export function renderMessage(head: MessageHead, answer: ChatAnswer): MessageResponse {
  const { texts } = answer
  return {
    ...renderStart(head),
    content: [
      head.call === undefined
        ? { type: 'text', text: texts[0] }
        : { type: 'tool_use', ...head.call, input: JSON.parse(texts[0]) as unknown },
    ],
    ...renderStop(head, answer),
    usage: renderUsage(answer),
    flocap: renderAnswerExtension(answer, head.model),
  }
}

/** The message before anything is known of it. */
function renderStart(head: MessageHead): MessageResponse {
  return {
    id: head.id,
    type: 'message',
    role: 'assistant',
    model: head.model.id,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: renderUsage(undefined),
  }
}

function renderUsage(answer: ChatAnswer | undefined): MessageResponse['usage'] {
  const { promptTokens = 0, completionTokens = 0 } = answer?.description?.usage ?? {}
  return {
    input_tokens: promptTokens,
    output_tokens: completionTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  }
}

function renderStop({ stopSequences, call }: MessageHead, { description }: ChatAnswer) {
  if (call !== undefined) return { stop_reason: 'tool_use' as const, stop_sequence: null }
  const reason = STOP_REASONS[description?.finishReason ?? 'stop']
  // Which of several appeared is not known: the search cut it off.
  const only = stopSequences.length === 1 ? (stopSequences[0] ?? null) : null
  return { stop_reason: reason, stop_sequence: reason === 'stop_sequence' ? only : null }
}

const STOP_REASONS: Readonly<Record<'stop' | 'length' | 'stop_text', StopReason>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  stop_text: 'stop_sequence',
}

export interface MessageStream {
  readonly opening: string
  readonly renderText: (text: string) => string
  readonly renderEnd: (answer: ChatAnswer) => string
}

/** A sign of life that every client of the API knows. */
export const PING = event({ type: 'ping' })

export function createMessageStream(head: MessageHead): MessageStream {
  const block =
    head.call === undefined
      ? { type: 'text', text: '' }
      : { type: 'tool_use', ...head.call, input: {} }
  const delta = (text: string) =>
    head.call === undefined
      ? { type: 'text_delta', text }
      : { type: 'input_json_delta', partial_json: text }
  return {
    opening: [
      event({ type: 'message_start', message: renderStart(head) }),
      event({ type: 'content_block_start', index: 0, content_block: block }),
      PING,
    ].join(''),
    renderText: (text) => event({ type: 'content_block_delta', index: 0, delta: delta(text) }),
    renderEnd: (answer) =>
      [
        event({ type: 'content_block_stop', index: 0 }),
        event({
          type: 'message_delta',
          delta: renderStop(head, answer),
          usage: renderUsage(answer),
        }),
        event({ type: 'message_stop' }),
      ].join(''),
  }
}

function event(data: { readonly type: string; readonly [field: string]: unknown }): string {
  return renderEvent(data, data.type)
}
