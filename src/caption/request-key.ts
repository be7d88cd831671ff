// Names a question about a picture, so that the same question is recognised when it comes again.
import { createHash } from 'node:crypto'
import type { PictureRequest, TaskRequest } from './captioner.ts'
import { digestPicture } from './picture-digest.ts'
import type { ModelDescription } from './ports.ts'

/**
 * A SHA-256 over everything that the answer depends on: picture, orientation, background, task, text,
 * region, generation options and model (its fingerprint and the kernels that compute it, so that machines
 * agree on a key exactly where they would agree on the answer). What a captioner adds itself (its defaults, its way of parsing) is
 * not in it, so keys of different captioners must not be mixed.
 */
export function createRequestKey(
  model: ModelDescription,
  { picture, applyOrientation = true, background }: PictureRequest,
  { task, input, region, generation }: TaskRequest,
): string {
  const parts = [
    // Of a model that is not loaded yet its name is all that is known.
    [model.fingerprint === '' ? model.id : model.fingerprint, model.kernels],
    digestPicture(picture),
    applyOrientation,
    background ?? null,
    task,
    input ?? null,
    region ?? null,
    generation ?? null,
  ]
  return sha256(JSON.stringify(toCanonical(parts)))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The same value with the members of its objects in a fixed order, undefined ones left out. */
function toCanonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toCanonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, toCanonical(member)])
}
