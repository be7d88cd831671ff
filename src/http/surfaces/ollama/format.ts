// What form an answer has, from Ollama's `format` and `tools`.
import { FlocapError } from '../../../base/errors.ts'
import {
  anyJsonFormat,
  jsonFormat,
  TEXT,
  toolFormat,
  type AnswerFormat,
} from '../../chat/answer-format.ts'
import type { Message } from '../../chat/conversation.ts'
import { readTool } from '../openai/format.ts'
import type { ChatRequest } from './schema.ts'

/**
 * Ollama has no way to force a call. A chat that offers one tool and asks the question has no other use
 * for it; several tools, or the result of one, leave the answer to words.
 */
export function ollamaFormat(
  { format, tools }: { readonly format?: unknown; readonly tools?: ChatRequest['tools'] },
  messages: readonly Message[],
): AnswerFormat {
  const offered = (tools ?? []).flatMap((entry, index) => readTool(entry, `tools[${index}]`))
  const asks = messages.at(-1)?.role === 'user'
  if (offered.length === 1 && asks && isNothing(format)) return toolFormat(offered)
  if (isNothing(format)) return TEXT
  if (format === 'json') return anyJsonFormat(messages, 'format')
  if (typeof format === 'object') return jsonFormat(format, 'format')
  const shown = JSON.stringify(format)?.slice(0, 60)
  throw new FlocapError(
    'invalid_request',
    `Expected "json" or a JSON schema for format, got ${shown}.`,
    { subject: 'format' },
  )
}

/** An empty string means nothing too. */
function isNothing(format: unknown): boolean {
  return format === undefined || format === null || format === ''
}
