// What the clients of LM Studio look at.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'LMS-1': [
    'GET /api/v0/models and /api/v1/models list the model as one that sees.',
    "LM Studio's REST API: type vlm, capabilities.vision",
  ],
})
