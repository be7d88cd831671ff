// The lists that clients of LM Studio look at before they send a picture: whether the model sees.
import { jsonResponse } from '../../body/json.ts'
import { modelNames } from '../../chat/model-names.ts'
import type { Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from '../openai/errors.ts'
import { ErrorResponse } from '../openai/schema.ts'
import * as schema from './schema.ts'

/** Positions of Florence-2's text encoder. */
const CONTEXT_LENGTH = 1024

const PATHS = ['/api/v0/models', '/api/v1/models']

export function createLmstudioSurface(services: SurfaceServices): Surface {
  return {
    name: 'lmstudio',
    description: "LM Studio's lists of models, old and new.",
    owns: (path) => PATHS.includes(path),
    renderError,
    errorBody: ErrorResponse,
    routes: [
      {
        method: 'GET',
        path: '/api/v0/models',
        summary: "Lists the model in LM Studio's first form",
        handle: () => jsonResponse(renderFirst(services)),
        wire: { response: schema.FirstList },
      },
      {
        method: 'GET',
        path: '/api/v1/models',
        summary: "Lists the model in LM Studio's second form",
        handle: () => jsonResponse(renderSecond(services)),
        wire: { response: schema.SecondList },
      },
    ],
  }
}

function renderFirst({ captioner: { model }, readiness }: SurfaceServices): schema.FirstList {
  return {
    object: 'list',
    data: modelNames(model).map((id) => ({
      id,
      object: 'model',
      type: 'vlm',
      publisher: 'flocap',
      arch: 'florence2',
      compatibility_type: 'onnx',
      quantization: model.precision,
      state: readiness().ready ? 'loaded' : 'not-loaded',
      max_context_length: CONTEXT_LENGTH,
    })),
  }
}

function renderSecond({ captioner: { model }, readiness }: SurfaceServices): schema.SecondList {
  return {
    models: modelNames(model).map((key) => ({
      type: 'llm',
      publisher: 'flocap',
      key,
      display_name: key,
      architecture: 'florence2',
      quantization: { name: model.precision, bits_per_weight: null },
      size_bytes: 0,
      params_string: `${Math.round(model.parameters / 1e6)}M`,
      loaded_instances: readiness().ready
        ? [{ id: key, config: { context_length: CONTEXT_LENGTH } }]
        : [],
      max_context_length: CONTEXT_LENGTH,
      format: null,
      capabilities: { vision: true, trained_for_tool_use: false },
      description: null,
    })),
  }
}
