// Local text servers that SillyTavern and others know, as far as they matter for captions:
// llama.cpp, KoboldCpp and text-generation-webui.
import { jsonResponse } from '../../body/json.ts'
import type { Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from '../openai/errors.ts'
import { ErrorResponse } from '../openai/schema.ts'
import { completion } from './completion.ts'
import * as schema from './schema.ts'

/** The release whose API is followed: clients compare it with the least that they need. */
const KOBOLDCPP_VERSION = '1.76'

const PATHS = ['/completion', '/props', '/internal/model/info', '/api/extra/version']

export function createLlamacppSurface(services: SurfaceServices): Surface {
  const { captioner, settings } = services
  return {
    name: 'llamacpp',
    description: 'What clients of llama.cpp, KoboldCpp and text-generation-webui ask besides chat.',
    owns: (path) => PATHS.includes(path),
    renderError,
    errorBody: ErrorResponse,
    routes: [
      {
        method: 'POST',
        path: '/completion',
        summary: "Describes the pictures of llama.cpp's legacy image_data",
        handle: (context) => completion(context, services),
        wire: {
          request: schema.CompletionRequest,
          response: schema.CompletionResponse,
          stream: { type: 'text/event-stream', event: schema.CompletionResponse },
        },
      },
      {
        method: 'GET',
        path: '/props',
        summary: 'What llama.cpp and KoboldCpp tell about their model',
        handle: () =>
          jsonResponse({
            model_alias: captioner.model.id,
            model_path: captioner.model.id,
            total_slots: 1,
            chat_template: '',
            modalities: { vision: true, audio: false },
            default_generation_settings: {},
          }),
        wire: { response: schema.PropsResponse },
      },
      {
        method: 'GET',
        path: '/api/extra/version',
        summary: 'What KoboldCpp tells about its abilities',
        handle: () =>
          jsonResponse({
            result: 'KoboldCpp',
            version: KOBOLDCPP_VERSION,
            protected: settings.apiKeys.length > 0,
            txt2img: false,
            vision: true,
            audio: false,
            transcribe: false,
            multiplayer: false,
            websearch: false,
          }),
        wire: { response: schema.ExtraVersionResponse },
      },
      {
        method: 'GET',
        path: '/internal/model/info',
        summary: 'What text-generation-webui tells about its model',
        handle: () => jsonResponse({ model_name: captioner.model.id, lora_names: [] }),
        wire: { response: schema.ModelInfoResponse },
      },
    ],
  }
}
