import { describe, expect, it } from 'vitest'
import { type FakeTensors, fakeTensorFile } from '../../test/support/fake-tensor-file.ts'
import { parseAdapter } from '../weights/adapter.ts'
import { createOverlay } from './adapter-overlay.ts'

const LAYER = 'model.language_model.decoder.layers.0.fc1'
const CONFIG = { peft_type: 'LORA', r: 1, lora_alpha: 1 }
const PAIR: FakeTensors = {
  [`base_model.model.${LAYER}.lora_A.weight`]: [[1, 1], [1]],
  [`base_model.model.${LAYER}.lora_B.weight`]: [[1, 1], [2]],
}
const BIAS: FakeTensors = { [`base_model.model.${LAYER}.lora_B.bias`]: [[1], [5]] }

function overlay(adapter: FakeTensors, names: readonly string[]) {
  const base = fakeTensorFile(Object.fromEntries(names.map((name) => [name, [[1, 1], [0]]])))
  const entries = [...base.tensors.values()].map(
    (info) => [info.name, { file: base, info }] as const,
  )
  return createOverlay(parseAdapter(CONFIG, fakeTensorFile(adapter)), new Map(entries))
}

const WEIGHT = 'language_model.decoder.layers.0.fc1.weight'
const OWN_BIAS = 'language_model.decoder.layers.0.fc1.bias'

describe('an adapter over a checkpoint', () => {
  it('changes the weight and the bias of its layer and nothing else', () => {
    const over = overlay({ ...PAIR, ...BIAS }, [WEIGHT, OWN_BIAS])
    expect([...over.change(WEIGHT, Float32Array.of(1), [1, 1])]).toEqual([3])
    expect([...over.change(OWN_BIAS, Float32Array.of(1), [1])]).toEqual([6])
    expect([...over.change('other.weight', Float32Array.of(1), [1, 1])]).toEqual([1])
  })

  it('is refused where the checkpoint lacks the layer', () => {
    expect(() => overlay(PAIR, ['shared.weight'])).toThrow('which the model lacks')
  })

  it('is refused where it changes a bias that the layer has not', () => {
    expect(() => overlay(PAIR, [WEIGHT])).not.toThrow()
    expect(() => overlay({ ...PAIR, ...BIAS }, [WEIGHT])).toThrow(
      `The adapter changes ${LAYER}.bias, which the model lacks.`,
    )
  })
})
