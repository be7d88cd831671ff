// What older clients of llama.cpp and text-generation-webui need.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'ST-12': [
    'The old forms work: a message-level image_url after a text message (ooba), /completion with image_data (llama.cpp).',
    'SillyTavern up to 1.18.0 (issue 4448) and up to 1.12.14',
  ],
  'STRUCT-7': ['json_schema of /completion makes the content fit it.', 'llama.cpp server README'],
})
