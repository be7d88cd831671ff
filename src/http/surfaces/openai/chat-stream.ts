// A chat completion as server-sent events.
import type { ModelDescription } from '../../../caption/ports.ts'
import type { ChatAnswer } from '../../chat/answer-chat.ts'
import { renderAnswerExtension } from '../../chat/extension.ts'
import { renderEvent } from '../../stream/server-sent-events.ts'
import {
  createCallId,
  createChatHead,
  type ForcedCall,
  renderFinishReason,
  renderUsage,
} from './render.ts'
import type { ChatChunk } from './schema.ts'

export interface ChatStream {
  /** The role of each choice. */
  readonly opening: string
  readonly renderText: (text: string) => string
  /** Further choices, how each ended, usage where it was asked for, and the end mark. */
  readonly renderEnd: (answer: ChatAnswer) => string
}

export interface ChatStreamOptions {
  readonly choices: number
  /** `stream_options.include_usage`. */
  readonly includeUsage: boolean
  /** The pieces are the arguments of this call. */
  readonly call?: ForcedCall | undefined
}

export function createChatStream(model: ModelDescription, options: ChatStreamOptions): ChatStream {
  const head = createChatHead(model)
  const chunk = (choices: ChatChunk['choices'], rest: Partial<ChatChunk> = {}): string => {
    const body: ChatChunk = {
      id: head.id,
      object: 'chat.completion.chunk',
      created: head.created,
      model: head.model,
      choices,
      ...(options.includeUsage ? { usage: null } : {}),
      ...rest,
    }
    return renderEvent(body)
  }
  const content = (index: number, text: string) =>
    chunk([delta(index, renderPiece(text, options.call))])

  return {
    opening: Array.from({ length: options.choices }, (_, index) =>
      chunk([delta(index, { role: 'assistant', ...renderBeginning(options.call) })]),
    ).join(''),
    renderText: (text) => content(0, text),
    renderEnd(answer) {
      const { description, texts } = answer
      const reason = renderFinishReason(description?.finishReason, options.call)
      const others = texts.slice(1, options.choices)
      const ends = texts.slice(0, options.choices).map((_, index) => {
        const end = { ...delta(index, {}), finish_reason: reason }
        if (index > 0) return chunk([end])
        const flocap = renderAnswerExtension(answer, model)
        return chunk([end], { flocap })
      })
      return [
        ...others.map((text, index) => content(index + 1, text)),
        ...ends,
        ...(options.includeUsage ? [chunk([], { usage: renderUsage(description) })] : []),
        'data: [DONE]\n\n',
      ].join('')
    },
  }
}

type Delta = ChatChunk['choices'][number]['delta']

/** The name of a call comes before its arguments. */
function renderBeginning(call: ForcedCall | undefined): Delta {
  if (call === undefined) return { content: '' }
  const called = { name: call.name, arguments: '' }
  if (call.style === 'functions') return { content: null, function_call: called }
  const id = createCallId()
  return { content: null, tool_calls: [{ index: 0, id, type: 'function', function: called }] }
}

function renderPiece(text: string, call: ForcedCall | undefined): Delta {
  if (call === undefined) return { content: text }
  const called = { arguments: text }
  if (call.style === 'functions') return { function_call: called }
  return { tool_calls: [{ index: 0, function: called }] }
}

function delta(
  index: number,
  change: ChatChunk['choices'][number]['delta'],
): ChatChunk['choices'][number] {
  return { index, delta: change, logprobs: null, finish_reason: null }
}
