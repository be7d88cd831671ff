// Anthropic's Messages API, as far as a captioner can answer it: the SDKs and agents that are written
// for it send pictures as blocks.
import type { Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from './errors.ts'
import { countTokens, messages } from './messages.ts'
import * as schema from './schema.ts'

export function createAnthropicSurface(services: SurfaceServices): Surface {
  return {
    name: 'anthropic',
    description: "Anthropic's messages, at once and streamed.",
    prefix: '/v1',
    owns: (path) => path === '/messages' || path.startsWith('/messages/'),
    renderError,
    errorBody: schema.ErrorResponse,
    routes: [
      {
        method: 'POST',
        path: '/messages',
        summary: 'Describes the pictures of the last turn that has any',
        handle: (context) => messages(context, services),
        wire: {
          request: schema.MessagesRequest,
          response: schema.MessageResponse,
          stream: { type: 'text/event-stream', event: schema.MessageEvent },
        },
      },
      {
        method: 'POST',
        path: '/messages/count_tokens',
        summary: 'Counts what the pictures of a request would take',
        handle: (context) => countTokens(context, services),
        wire: { request: schema.MessagesRequest, response: schema.CountResponse },
      },
    ],
  }
}
