// An adapter laid over a checkpoint: the names of its modules, in whichever layout it was trained, as
// names of the checkpoint's tensors.
import { FlocapError } from '../base/errors.ts'
import type { Adapter } from '../weights/adapter.ts'
import type { TensorFile, TensorInfo } from '../weights/tensor-file.ts'
import type { Overlay } from '../weights/weights.ts'
import { OUTPUT_TENSOR, TOKEN_TENSORS } from './florence2/embeddings.ts'
import { canonicalName } from './florence2/names.ts'

interface Entry {
  readonly file: TensorFile
  readonly info: TensorInfo
}

/** @throws FlocapError `invalid_model` naming a layer that the checkpoint does not have. */
export function createOverlay(adapter: Adapter, base: ReadonlyMap<string, Entry>): Overlay {
  const entries = new Map<string, Entry>()
  const isKnown = (name: string): boolean => base.has(name) || entries.has(name)
  const tied = TOKEN_TENSORS.map((name) => base.get(name)).find((entry) => entry !== undefined)
  // An output matrix of its own begins as the tied one.
  if (!base.has(OUTPUT_TENSOR) && tied) entries.set(OUTPUT_TENSOR, tied)
  const locate = (stored: string): string => {
    const names = [canonicalName('transformers', stored), canonicalName('microsoft', stored)]
    const found = names.find((name) => isKnown(name))
    if (found !== undefined) return found
    throw new FlocapError(
      'invalid_model',
      `The adapter changes ${stored}, which the model lacks.`,
      {
        subject: stored,
        hint: 'The adapter was trained on another model: give that one with --model.',
      },
    )
  }

  const weights = new Map<string, string>()
  const biases = new Map<string, string>()
  for (const layer of adapter.layers) {
    const weight = locate(`${layer}.weight`)
    if (TOKEN_TENSORS.includes(weight)) {
      throw new FlocapError('invalid_model', `The adapter changes the token embedding, ${layer}.`, {
        subject: layer,
        hint: 'Merge it with PEFT (merge_and_unload) and give FloCap the whole model.',
      })
    }
    weights.set(weight, layer)
    const bias = weight.replace(/\.weight$/, '.bias')
    // Otherwise what it adds would be lost; PEFT does not merge it either.
    if (adapter.changesBias(layer)) locate(`${layer}.bias`)
    biases.set(bias, layer)
  }
  for (const [stored, info] of adapter.replaces) {
    entries.set(locate(stored), { file: adapter.file, info })
  }
  const changesOutput = weights.has(OUTPUT_TENSOR) || entries.get(OUTPUT_TENSOR) !== tied
  if (!changesOutput) entries.delete(OUTPUT_TENSOR)

  return {
    entries,
    change(name, values, shape) {
      const layer = weights.get(name)
      if (layer !== undefined) return adapter.mergeWeight(layer, values, shape)
      const biased = biases.get(name)
      return biased === undefined ? values : adapter.mergeBias(biased, values)
    },
  }
}
