// What the clients of KoboldAI's API need.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'KOB-1': [
    'POST /api/v1/generate describes the pictures of `images` and answers results[0].text.',
    'KoboldCpp: koboldcpp.py, images of the generate route',
  ],
  'KOB-2': [
    'GET /api/v1/model, /api/v1/info/version and /api/v1/config/max_context_length answer.',
    'KoboldAI Lite, klite.embd: connecting to a KoboldAI server',
  ],
})
