// What the clients of AUTOMATIC1111's interrogate need.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'KAI-1': [
    'POST /sdapi/v1/interrogate answers {"caption": "..."} with CORS headers.',
    'KoboldAI Lite, klite.embd: interrogate',
  ],
  'KAI-2': [
    'GET options has samples_format, and sd-models lists one model.',
    'KoboldAI Lite, klite.embd: connecting to an image server',
  ],
  'SDN-1': [
    'POST /sdapi/v1/vqa and /sdapi/v1/caption answer, GET interrogate and vqa/models list.',
    'vladmandic/sdnext PR #4596',
  ],
})
