// POST /api/generate and POST /api/chat.
import type { Message } from '../../chat/conversation.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import { readContent, readMessage, readMessages } from '../../chat/parts.ts'
import { toQuestion } from '../../chat/question.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { answer, generationOf } from './answer.ts'
import { ollamaFormat } from './format.ts'
import { CHAT, GENERATE, renderLoaded } from './render.ts'
import * as schema from './schema.ts'

export async function generate(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const request = parseFields(schema.GenerateRequest, await context.get('readJson')())
  const { prompt, images, model } = request
  if (isEmpty(prompt) && isEmpty(images)) {
    const { captioner } = services
    return jsonResponse(renderLoaded(captioner.model, GENERATE, reasonOf(request)))
  }
  const messages = [systemMessage(request), readMessage({ content: prompt, images }, '')]
  const format = ollamaFormat(request, messages)
  const generation = generationOf(request.options)
  const question = await toQuestion(
    { messages, model, generation, frames: request.options?.frames },
    services,
    context,
  )
  return answer(context, services, request, question, format, GENERATE)
}

export async function chat(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const request = parseFields(schema.ChatRequest, await context.get('readJson')())
  const messages = readMessages(request, 'messages')
  if (messages.length === 0) {
    const { captioner } = services
    return jsonResponse(renderLoaded(captioner.model, CHAT, reasonOf(request)))
  }
  const format = ollamaFormat(request, messages)
  const generation = generationOf(request.options)
  const question = await toQuestion(
    {
      messages,
      model: request.model,
      generation,
      frames: request.options?.frames,
      continues: true,
    },
    services,
    context,
  )
  return answer(context, services, request, question, format, CHAT)
}

function systemMessage({ system }: schema.GenerateRequest): Message {
  return { role: 'system', parts: readContent(system, 'system') }
}

function isEmpty(value: string | readonly unknown[] | null | undefined): boolean {
  return value === null || value === undefined || value.length === 0
}

function reasonOf(request: { keep_alive?: string | number | null | undefined }): 'load' | 'unload' {
  return request.keep_alive === 0 || request.keep_alive === '0' ? 'unload' : 'load'
}
