// POST /api/generate and POST /api/chat.
import type { Message, Part } from '../../chat/conversation.ts'
import { jsonResponse, parseFields, parseJson } from '../../body/json.ts'
import { toQuestion } from '../../chat/question.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { answer, generationOf } from './answer.ts'
import { CHAT, GENERATE, renderLoaded } from './render.ts'
import * as schema from './schema.ts'

export async function generate(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const request = parseFields(schema.GenerateRequest, parseJson(await context.get('readBody')()))
  const { prompt, images, model } = request
  if (isEmpty(prompt) && isEmpty(images)) {
    const { captioner } = services
    return jsonResponse(renderLoaded(captioner.model, GENERATE, reasonOf(request)))
  }
  const messages = [
    { role: 'user', parts: [...textParts(prompt), ...imageParts(images, 'images')] },
  ]
  const generation = generationOf(request.options)
  const question = await toQuestion(
    { messages, model, generation },
    services,
    context.get('readImage'),
  )
  return answer(context, services, request, question, GENERATE)
}

export async function chat(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const request = parseFields(schema.ChatRequest, parseJson(await context.get('readBody')()))
  const messages = toMessages(request)
  if (messages.length === 0) {
    const { captioner } = services
    return jsonResponse(renderLoaded(captioner.model, CHAT, reasonOf(request)))
  }
  const generation = generationOf(request.options)
  const question = await toQuestion(
    { messages, model: request.model, generation },
    services,
    context.get('readImage'),
  )
  return answer(context, services, request, question, CHAT)
}

/** Images beside `messages` are not Ollama's, but clients send them; usually they are there twice. */
function toMessages({ messages, images }: schema.ChatRequest): Message[] {
  const chatMessages = (messages ?? []).map((message, index) => ({
    role: message.role ?? 'user',
    parts: [
      ...textParts(message.content),
      ...imageParts(message.images, `messages[${index}].images`),
    ],
  }))
  const hasImages = chatMessages.some(({ parts }) => parts.some(({ kind }) => kind === 'image'))
  const loose = hasImages ? [] : imageParts(images, 'images')
  return loose.length === 0 ? chatMessages : [...chatMessages, { role: 'user', parts: loose }]
}

function textParts(text: string | null | undefined): Part[] {
  return isEmpty(text) ? [] : [{ kind: 'text', text: text ?? '' }]
}

function imageParts(images: readonly string[] | null | undefined, field: string): Part[] {
  return (images ?? []).map((source, index) => ({
    kind: 'image',
    source,
    field: `${field}[${index}]`,
  }))
}

function isEmpty(value: string | readonly unknown[] | null | undefined): boolean {
  return value === null || value === undefined || value.length === 0
}

function reasonOf(request: { keep_alive?: string | number | null | undefined }): 'load' | 'unload' {
  return request.keep_alive === 0 || request.keep_alive === '0' ? 'unload' : 'load'
}
