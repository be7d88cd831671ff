// The served model in Ollama's lists.
import { createHash } from 'node:crypto'
import type { ModelDescription } from '../../../caption/ports.ts'
import { modelNames } from '../../chat/model-names.ts'
import type { Details, ListedModel, RunningModel, ShowResponse } from './schema.ts'

/** Ollama's capability names; clients look for `vision`. */
const CAPABILITIES = ['completion', 'vision']

/** FloCap keeps its model loaded; clients parse a date here. */
const NEVER = '9999-12-31T23:59:59Z'

/** Ollama's names have a tag; a task is one, and the plain id is `latest`. */
export function tagNames(model: Pick<ModelDescription, 'id' | 'taskTokens'>): string[] {
  const { id } = model
  return modelNames(model).map((name) => (name === id ? `${id}:latest` : name))
}

export function renderListed(name: string, model: ModelDescription): ListedModel {
  return {
    name,
    model: name,
    modified_at: new Date(model.createdAt).toISOString(),
    size: 0,
    digest: digestOf(name, model),
    details: renderDetails(model),
    capabilities: CAPABILITIES,
  }
}

export function renderRunning(name: string, model: ModelDescription): RunningModel {
  return {
    name,
    model: name,
    size: 0,
    digest: digestOf(name, model),
    details: renderDetails(model),
    expires_at: NEVER,
    size_vram: 0,
  }
}

export function renderShow(model: ModelDescription): ShowResponse {
  return {
    license: '',
    modelfile: '',
    parameters: '',
    template: '{{ .Prompt }}',
    details: renderDetails(model),
    model_info: {
      'general.architecture': 'florence2',
      'general.basename': model.id,
      'general.parameter_count': model.parameters,
      'florence2.vision.image_size': model.imageSize,
    },
    capabilities: CAPABILITIES,
    modified_at: new Date(model.createdAt).toISOString(),
  }
}

function renderDetails(model: ModelDescription): Details {
  return {
    parent_model: '',
    format: 'onnx',
    family: 'florence2',
    families: ['florence2'],
    parameter_size: parameterSize(model.parameters),
    quantization_level: model.precision,
  }
}

/** As Ollama writes it: `776.0M`, `1.2B`. */
function parameterSize(parameters: number): string {
  if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)}B`
  return `${(parameters / 1e6).toFixed(1)}M`
}

/** Tells clients whether a name still means the same model. */
function digestOf(name: string, model: ModelDescription): string {
  return createHash('sha256')
    .update(JSON.stringify([name, model.precision, model.parameters, model.createdAt]))
    .digest('hex')
}
