// FloCap's answers as chat completions and model lists.
import { randomUUID } from 'node:crypto'
import type { FinishReason, ModelDescription } from '../../../caption/ports.ts'
import type { ChatAnswer } from '../../chat/answer-chat.ts'
import type { Description } from '../../chat/describe.ts'
import { renderEmptyExtension, renderExtension } from '../../chat/extension.ts'
import type { ChatResponse, Model, Usage } from './schema.ts'

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

/** One choice for each text. */
export function renderChat(
  { description, texts }: ChatAnswer,
  model: ModelDescription,
): ChatResponse {
  const { id, created } = createChatHead(model)
  return {
    id,
    object: 'chat.completion',
    created,
    model: model.id,
    choices: texts.map((content, index) => ({
      index,
      message: { role: 'assistant', content, refusal: null },
      logprobs: null,
      finish_reason: renderFinishReason(description?.finishReason),
    })),
    usage: renderUsage(description),
    flocap: description ? renderExtension(description, model) : renderEmptyExtension(model),
  }
}

export function renderFinishReason(reason: FinishReason | undefined): 'stop' | 'length' {
  return reason === 'length' ? 'length' : 'stop'
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
  }
}
