// What the clients of the Ollama API need.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'ST-11': [
    'POST /api/generate without streaming answers {"response": "..."} and the fields around it.',
    'SillyTavern 1.19.0, endpoints/backends/text-completions.js: ollama caption-image',
  ],
  'LC-2': [
    'A turn that is split in two messages works: prompt in the first, picture in the second.',
    '@langchain/ollama 1.3: convertToOllamaMessages',
  ],
  'LLMV-5': [
    '/api/chat ignores "prompt": [] and images that stand beside the messages as well.',
    'Home Assistant LLM Vision, providers.py: Ollama',
  ],
  'PP-1': [
    '/api/generate with suffix and without context answers response.',
    'PhotoPrism, internal/ai/vision/ollama',
  ],
  'CUI-1': ['/api/generate answers context: [].', 'comfyui-ollama, CompfyuiOllama.py'],
  'STRUCT-6': [
    'format takes a schema or "json"; a single tool is called with an object of arguments.',
    'Ollama docs/api.md: structured outputs, tools; Home Assistant AI Task; ChatOllama',
  ],
})
