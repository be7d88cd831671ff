// Requests as OpenAI's clients write them.
import { z } from 'zod'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { PNG_DATA_URL } from '../../support/pictures.ts'

export const CHAT_PATH = '/v1/chat/completions'

export interface ChatPart {
  readonly type: string
  readonly [field: string]: unknown
}

export function image(url: string = PNG_DATA_URL): ChatPart {
  return { type: 'image_url', image_url: { url } }
}

export function text(value: string): ChatPart {
  return { type: 'text', text: value }
}

export function user(content: unknown): { role: 'user'; content: unknown } {
  return { role: 'user', content }
}

/** What SillyTavern sends for a caption. */
export function captionChat(fields: object = {}): object {
  return {
    model: 'koboldcpp_current',
    messages: [user([text("What's in this image?"), image()])],
    ...fields,
  }
}

const Answer = z.looseObject({
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string() }) })).optional(),
})

/** Runs one chat in memory and tells which requests reached the captioner, and the answer. */
export async function ask(body: object, captioner = createFakeCaptioner()) {
  const response = await createTestApp({ captioner }).request(CHAT_PATH, post(body))
  const answer = Answer.parse(await response.json())
  return {
    response,
    answer,
    content: answer.choices?.[0]?.message.content,
    requests: captioner.calls.map(({ request }) => request),
  }
}
