// What clients ask before they use a server.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'LLMV-4': [
    'GET /readyz answers 200 when captions can be made.',
    'Home Assistant LLM Vision, providers.py: LocalAI',
  ],
  'OBS-3': ['GET /health answers ok.', 'Obsidian AI image analyzer, llama.cpp mode'],
  'HEALTH-1': [
    'GET /health answers 503 while the model is loaded.',
    'llama.cpp, tools/server/README.md: GET /health',
  ],
})
