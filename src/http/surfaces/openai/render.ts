// FloCap's answers as chat completions and model lists.
import { randomUUID } from 'node:crypto'
import type { FinishReason, ModelDescription } from '../../../caption/ports.ts'
import type { ChatAnswer } from '../../chat/answer-chat.ts'
import type { Description } from '../../chat/describe.ts'
import { renderAnswerExtension } from '../../chat/extension.ts'
import type { ChatResponse, FinishReason as WireFinishReason, Model, Usage } from './schema.ts'

/** What all chunks of one answer share. */
export interface ChatHead {
  readonly id: string
  readonly created: number
  readonly model: string
}

export function createChatHead(model: ModelDescription): ChatHead {
  return {
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    created: Math.floor(Date.now() / 1000),
    model: model.id,
  }
}

/** How a call is written: `functions` is what OpenAI had before `tools`. */
export interface ForcedCall {
  readonly name: string
  readonly style: 'tools' | 'functions'
}

/** One choice for each text. @param call undefined when the texts are no arguments. */
export function renderChat(
  answer: ChatAnswer,
  model: ModelDescription,
  call?: ForcedCall,
): ChatResponse {
  const { description, texts } = answer
  const { id, created } = createChatHead(model)
  return {
    id,
    object: 'chat.completion',
    created,
    model: model.id,
    choices: texts.map((content, index) => ({
      index,
      message: { role: 'assistant', ...renderContent(content, call), refusal: null },
      logprobs: null,
      finish_reason: renderFinishReason(description?.finishReason, call),
    })),
    usage: renderUsage(description),
    flocap: renderAnswerExtension(answer, model),
  }
}

function renderContent(
  text: string,
  call: ForcedCall | undefined,
): Pick<ChatResponse['choices'][number]['message'], 'content' | 'tool_calls' | 'function_call'> {
  if (call === undefined) return { content: text }
  const called = { name: call.name, arguments: text }
  if (call.style === 'functions') return { content: null, function_call: called }
  return { content: null, tool_calls: [{ id: createCallId(), type: 'function', function: called }] }
}

export function createCallId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`
}

/** Arguments that were cut still fit their schema, but the client should know. */
export function renderFinishReason(
  reason: FinishReason | undefined,
  call?: ForcedCall,
): WireFinishReason {
  if (reason === 'length') return 'length'
  if (call === undefined) return 'stop'
  return call.style === 'tools' ? 'tool_calls' : 'function_call'
}

/** An answer without a picture ran no model. */
export function renderUsage(description: Description | undefined): Usage {
  const { promptTokens, completionTokens } = description?.usage ?? {
    promptTokens: 0,
    completionTokens: 0,
  }
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  }
}

export function renderModel(id: string, model: ModelDescription): Model {
  return {
    id,
    object: 'model',
    created: Math.floor(model.createdAt / 1000),
    owned_by: 'flocap',
    architecture: {
      modality: 'text+image->text',
      input_modalities: ['text', 'image'],
      output_modalities: ['text'],
    },
    capabilities: ['completion', 'vision'],
    type: 'model',
    display_name: id,
    created_at: new Date(model.createdAt).toISOString(),
  }
}
