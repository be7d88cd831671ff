// What the clients of AUTOMATIC1111's interrogate need.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'KAI-1': [
    'POST /sdapi/v1/interrogate answers {"caption": "..."} with CORS headers.',
    'KoboldAI Lite, klite.embd: interrogate',
  ],
})
