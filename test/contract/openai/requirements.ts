// What the clients of the OpenAI API need.
import { requirements } from '../support/requirement.ts'

export const REQUIREMENTS = requirements({
  'ST-5': [
    'Every path that SillyTavern joins works: //chat/completions, /v1//chat/completions, a pasted endpoint.',
    'SillyTavern 1.19.0, endpoints/openai.js and chat-completions.js, captured',
  ],
  'ST-6': [
    'The model may be empty, absent or any ..._current.',
    'SillyTavern 1.19.0, extensions/shared.js: getMultimodalCaption, captured',
  ],
  'ST-7': [
    'Authorization: Bearer with an empty token is no key.',
    'SillyTavern 1.19.0, endpoints/openai.js, captured',
  ],
  'ST-8': [
    'A string as content is taken; a chat without a picture answers 200 with a short explanation.',
    'SillyTavern 1.19.0, openai.js: Test Message, captured',
  ],
  'ST-9': [
    'GET /models and /v1/models list {id, object, created, owned_by} and have no error key.',
    'SillyTavern 1.19.0, openai.js: getStatusOpen',
  ],
  'ST-10': [
    'The content is a non-empty string; a model that yields nothing is an error status.',
    'SillyTavern 1.19.0, endpoints/openai.js: caption-image',
  ],
  'ST-13': [
    'stream: true answers server-sent events.',
    'SillyTavern 1.19.0, openai.js: getStreamingReply',
  ],
  'SDK-1': [
    'A chat completion has every field that the specification requires: index, refusal, logprobs among them.',
    'OpenAI OpenAPI 2.3.0: CreateChatCompletionResponse',
  ],
  'SDK-2': [
    'A stream has one id, a role first, finish_reason last, usage on request in a last chunk, then [DONE].',
    'OpenAI OpenAPI 2.3.0: CreateChatCompletionStreamResponse',
  ],
  'SDK-3': [
    'An error has message, type, param and code.',
    'OpenAI OpenAPI 2.3.0: ErrorResponse; openai-node core/error',
  ],
  'SDK-4': [
    'x-should-retry: false stops the SDK from repeating a lasting fault; retry-after comes with 503.',
    'openai-node client: shouldRetry, retryRequest',
  ],
  'SDK-5': ['GET /v1/models/{id} works for ids with / and :.', 'openai-node resources/models'],
  'AIS-1': [
    '@ai-sdk/openai works with its default model and with .chat, at once and streamed.',
    '@ai-sdk/openai 3: responses and chat language models',
  ],
  'AIS-2': [
    "FloCap's error message reaches the caller unchanged.",
    '@ai-sdk/openai-compatible 2: error schema',
  ],
  'AIS-3': [
    'The refusal of an http image URL can be read.',
    '@ai-sdk/openai 3: .chat passes URLs through',
  ],
  'LC-1': ['image_url may be a string.', '@langchain/openai 1.5: passes content through'],
  'OWUI-1': [
    '/models answers at once, also while the model loads.',
    'Open WebUI, routers/openai.py: model list timeout',
  ],
  'OWUI-2': [
    'A text-only request for a title or tags answers 200.',
    'Open WebUI, routers/tasks.py; issue 13180',
  ],
  'OWUI-3': [
    'Errors are JSON with error.message, never an event stream.',
    'Open WebUI, routers/openai.py: content type decides',
  ],
  'LLMV-1': [
    'A text-only "Hi" answers exactly 200.',
    'Home Assistant LLM Vision, providers.py: validation',
  ],
  'LLMV-2': [
    'Three pictures with labels in one message give one text that keeps the labels.',
    'Home Assistant LLM Vision, providers.py: Image N:',
  ],
  'LLMV-3': [
    'Pictures of an earlier message that its words call a reference are not captioned, and the answer says so.',
    'Home Assistant LLM Vision: memory images',
  ],
  'PP-2': [
    'POST /v1/responses takes input_image as a string.',
    'PhotoPrism, internal/ai/vision/openai',
  ],
  'N8N-1': [
    'An empty OpenAI-Organization header does no harm; /responses answers at once; URLs of pictures are refused readably.',
    'n8n-nodes-langchain 2.41: OpenAI node v2, Analyze image',
  ],
  'OBS-1': [
    'A preflight from app://obsidian.md allows header names of any kind.',
    'Obsidian Copilot issue 2877; Obsidian AI image analyzer',
  ],
  'OBS-2': ['The model may be absent.', 'Obsidian AI image analyzer, llama.cpp mode'],
  'STRUCT-1': [
    'response_format and text.format give JSON that fits the schema, wherever clients put it.',
    'OpenAI: structured outputs; llama.cpp server README; vLLM guided decoding; karakeep inference',
  ],
  'STRUCT-2': [
    'JSON of any shape takes the shape from a schema or an example in the prompt.',
    'LangChain json_mode; instructor JSON mode; PhotoPrism label prompt',
  ],
  'STRUCT-3': [
    'A forced tool is called once, with arguments that fit, at once and streamed.',
    'OpenAI: tool_choice; instructor issue 470; openai-python ChatCompletionChunk',
  ],
  'STRUCT-4': [
    'What cannot be answered is named: in flocap.unanswered, in a header, or in a 400.',
    'OpenAI SDKs: error.param',
  ],
  'STRUCT-5': [
    'A streamed JSON answer is the same text as one that comes at once.',
    'AI SDK streamObject; openai-node ChatCompletionStream',
  ],
})
