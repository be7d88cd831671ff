// What is known of a model before it is loaded.
import type { ModelDescription } from '../caption/ports.ts'
import type { LoadOptions } from './protocol.ts'

/** Its name at most; an engine for pictures only has none, and never knows more. */
export function describeUnloaded({
  modelId = '',
  demo = false,
}: Partial<Pick<LoadOptions, 'modelId' | 'demo'>>): ModelDescription {
  return {
    id: modelId,
    demo,
    imageSize: 0,
    precision: 'unknown',
    fingerprint: '',
    kernels: 'unknown',
    parameters: 0,
    createdAt: Date.now(),
  }
}
