// What every surface must get right below its dialect: each trap has broken a real server.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'TRAP-1': [
    'Doubled and trailing slashes are read as single ones.',
    'SillyTavern before 1.13.4: //models; all versions: //chat/completions',
  ],
  'TRAP-2': ['Nothing is redirected.', 'node-fetch turns a redirected POST into a GET'],
  'TRAP-3': ['Paths work with and without /v1.', 'SillyTavern Custom and secondary URL'],
  'TRAP-4': ['Bearer without a token is no key.', 'SillyTavern 1.19.0, captured'],
  'TRAP-5': [
    'Model names may be empty, absent, foreign, ..._current or end in :latest.',
    'SillyTavern, Obsidian AI image analyzer, Ollama clients',
  ],
  'TRAP-6': [
    'Content may be a string, an array, null or []; pictures may be objects, strings, message-level, before or after the text.',
    'SillyTavern up to 1.18.0, LangChain, paperless-gpt',
  ],
  'TRAP-7': ['The content of an answer is never null, empty or an array.', 'SillyTavern, AI SDK'],
  'TRAP-8': [
    'Base64 is checked before it is decoded; missing padding, line breaks and the URL-safe alphabet are taken.',
    'Node: Buffer.from(x, "base64") never fails',
  ],
  'TRAP-9': [
    'Data URLs are taken with wrong, missing or parametrised types and in upper case.',
    'MarkItDown, paperless-gpt, Ollama precedent',
  ],
  'TRAP-10': [
    'The declared type does not matter: the bytes of all eight types reach the captioner unchanged.',
    'SillyTavern Extras mode; Obsidian AI image analyzer',
  ],
  'TRAP-11': [
    'Preflights succeed without a key and echo header names; CORS headers are on every answer.',
    'SillyTavern-Extras issue 162; obsidian-copilot issue 2877',
  ],
  'TRAP-12': [
    'A preflight that asks for the private network is granted to allowed origins.',
    'Chrome: Local Network Access',
  ],
  'TRAP-13': ['A body of 40 MB is taken.', 'A 30 MB photo as base64 in JSON'],
  'TRAP-14': [
    'JSON is read whatever the content type; answers are application/json.',
    'curl, Ollama examples; aiohttp, openai-node and openai-python',
  ],
  'TRAP-15': ["Errors have the dialect's own shape, and are never HTML.", 'AI SDK, ollama-js'],
  'TRAP-16': [
    'Lasting faults forbid retries; overload is 503, not 429.',
    'openai-node retries; SillyTavern reads 429 as an exhausted quota',
  ],
  'TRAP-17': [
    'An error before the first byte is JSON with its status; after it, an event of the stream.',
    'Open WebUI',
  ],
  'TRAP-18': [
    'Streams end with their mark and keep one id; usage comes after the finish.',
    'ollama-js, OpenAI SDKs',
  ],
  'TRAP-19': [
    'Ollama streams by default; context and model_info are there.',
    'Ollama API; comfyui-ollama; ollama-python',
  ],
  'TRAP-20': [
    'Extras announces only caption, and its 200 always has a trimmed caption.',
    'SillyTavern Extras mode',
  ],
  'TRAP-21': ['A client that goes away cancels its caption.', 'SillyTavern /generate'],
  'TRAP-22': ['Both 127.0.0.1 and ::1 are bound.', 'Node 18 resolves localhost to ::1 first'],
  'TRAP-23': [
    'A port that is taken is an error that says what to do.',
    'text-generation-webui uses 5000 too',
  ],
  'TRAP-24': [
    'Ordinary text never chooses a task and never reaches the captioner; a task token does.',
    'TagGUI issue 280; long prompts of chat clients',
  ],
  'TRAP-26': ['No body holds the event loop for more than 50 ms.', 'SECURITY.md, T34'],
  'TRAP-25': ['A text-only request is a health check that succeeds.', 'LLM Vision, Open WebUI'],
})
