// What the clients of Anthropic's Messages API need.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'ANT-1': [
    'POST /v1/messages describes the picture of a block and answers a message with every field.',
    '@anthropic-ai/sdk: types of Message; lmstudio-bug-tracker #1755',
  ],
  'ANT-2': [
    'A stream is message_start, content_block_start, deltas, content_block_stop, message_delta, message_stop.',
    '@anthropic-ai/sdk: MessageStream puts the message together from them',
  ],
  'ANT-3': [
    'Errors are {"type":"error","error":{"type","message"}}, with the key read from x-api-key.',
    '@anthropic-ai/sdk: APIError',
  ],
  'ANT-4': [
    'A last message of the assistant is continued: only the rest comes back.',
    "Anthropic's documentation: prefill",
  ],
  'ANT-6': [
    'A forced tool is called: one tool_use block whose input fits its schema.',
    'instructor and agents on @anthropic-ai/sdk: tool_choice any and tool',
  ],
  'ANT-5': [
    'POST /v1/messages/count_tokens answers a number.',
    'Claude Code and agents built on it',
  ],
})
