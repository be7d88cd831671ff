// What FloCap promises to clients of OpenAI's Files and Batches API.
import { requirements } from '../support/requirement.ts'

const SPEC = 'openai-openapi, paths /files and /batches'
const GUIDE = "OpenAI's guide to batches"

export const REQUIREMENTS = requirements({
  'BATCH-1': ['A file is uploaded as a form, shown, listed, read and deleted.', SPEC],
  'BATCH-2': [
    'Lists come newest first in pages by after, limit, order and purpose, and say has_more.',
    SPEC,
  ],
  'BATCH-3': ['Files expire as expires_after says; inputs of batches after thirty days.', SPEC],
  'BATCH-4': [
    'A batch has every field of its object, and goes from validating to completed.',
    SPEC,
  ],
  'BATCH-5': [
    'Each line has one answer, in the output or in the errors, with the custom_id it came with.',
    GUIDE,
  ],
  'BATCH-6': ['A line is answered as the same request would be: chat, responses, captions.', GUIDE],
  'BATCH-7': [
    'An input with any mistake fails as a whole, and errors.data names each line.',
    GUIDE,
  ],
  'BATCH-8': ['Cancelling keeps what was answered, and ends as cancelled.', SPEC],
  'BATCH-9': [
    'What does not run within the completion window stands in the errors as batch_expired.',
    GUIDE,
  ],
  'BATCH-10': ['A key sees its own files and batches; those of others are 404.', SPEC],
  'BATCH-11': ['Pictures may be named by the id of an uploaded file.', SPEC],
  'BATCH-12': [
    'Limits refuse, and name the setting that raises them.',
    'docs/reference/http-api.md',
  ],
  'BATCH-13': [
    "OpenAI's clients for JavaScript and Python upload, create, poll, cancel and read.",
    SPEC,
  ],
  'BATCH-14': ['The end of a batch is posted as a signed webhook.', "OpenAI's guide to webhooks"],
})
