// What clients that send image URLs instead of images need, whatever dialect they speak.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'URL-1': [
    'Where images may be fetched, every field that takes a data URL takes a web address too.',
    'Open WebUI and n8n pass URLs through; OpenAI OpenAPI 2.3.0: image_url',
  ],
  'URL-2': [
    'Where they may not, each dialect says so in its own shape of an error, and nothing is fetched.',
    'vLLM CVE-2025-6242: image URLs that reached inner networks',
  ],
  'URL-3': [
    'A URL that fails is told apart in code or text: refused, not found, too slow, too large.',
    'OpenAI OpenAPI 2.3.0: image codes of ResponseErrorCode',
  ],
  'URL-4': [
    'Data URLs and base64 are read as before, and the limit of images holds before any is fetched.',
    'vLLM CVE-2025-6242: one request must not become many',
  ],
})
