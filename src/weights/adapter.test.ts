// What of an adapter is merged, by numbers small enough to see; test/golden/adapters.test.ts compares
// with PEFT itself.
import { describe, expect, it } from 'vitest'
import { type FakeTensors, fakeTensorFile } from '../../test/support/fake-tensor-file.ts'
import { type Adapter, parseAdapter } from './adapter.ts'

const LAYER = 'base_model.model.decoder.fc1'

const CONFIG = { peft_type: 'LORA', r: 1, lora_alpha: 2 }
/** Rank 1 for a weight of [2, 3]: the product is [[1, 2, 3], [-1, -2, -3]]. */
const DOWN = [
  [1, 3],
  [1, 2, 3],
] as const
const UP = [
  [2, 1],
  [1, -1],
] as const

function adapter(config: object = {}, tensors: FakeTensors = {}): Adapter {
  const all = { [`${LAYER}.lora_A.weight`]: DOWN, [`${LAYER}.lora_B.weight`]: UP, ...tensors }
  return parseAdapter({ ...CONFIG, ...config }, fakeTensorFile(all))
}

const merge = (of: Adapter, weight: readonly number[] = [0, 0, 0, 0, 0, 0]): number[] => [
  ...of.mergeWeight('decoder.fc1', Float32Array.from(weight), [2, 3]),
]

describe('an adapter', () => {
  it('adds its product to the weight, by alpha over rank', () => {
    expect(adapter().layers).toEqual(['decoder.fc1'])
    expect(merge(adapter(), [1, 1, 1, 1, 1, 1])).toEqual([3, 5, 7, -1, -3, -5])
    expect(merge(adapter({ lora_alpha: 1 }))).toEqual([1, 2, 3, -1, -2, -3])
  })

  it('takes rank and alpha of a module from the patterns, by the end of its name', () => {
    expect(merge(adapter({ alpha_pattern: { fc1: 3 } }))).toEqual([3, 6, 9, -3, -6, -9])
    expect(merge(adapter({ alpha_pattern: { c1: 3 } }))).toEqual([2, 4, 6, -2, -4, -6])
    expect(merge(adapter({ r: 8, rank_pattern: { 'decoder.fc1': 1 } }))[0]).toBe(2)
  })

  it('of rsLoRA counts by the root of the rank', () => {
    const tensors = {
      [`${LAYER}.lora_A.weight`]: [
        [4, 3],
        [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      ],
      [`${LAYER}.lora_B.weight`]: [
        [2, 4],
        [1, 0, 0, 0, -1, 0, 0, 0],
      ],
    } as const
    const of = adapter({ r: 4, use_rslora: true }, tensors)
    expect(merge(of)).toEqual([1, 2, 3, -1, -2, -3])
  })

  it('of DoRA gives each output the length that it learnt', () => {
    const magnitude = { [`${LAYER}.lora_magnitude_vector`]: [[2], [5, 10]] } as const
    const of = adapter({ use_dora: true }, magnitude)
    const merged = merge(of, [1, 0, 0, 1, 4, 10])
    expect(merged.slice(0, 3).reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(25, 4)
    // 1 - 2, 4 - 4 and 10 - 6, which have the length of the root of 17.
    expect(merged[3]).toBeCloseTo((-1 * 10) / Math.sqrt(17), 5)
    expect(merged[5]).toBeCloseTo((4 * 10) / Math.sqrt(17), 5)
  })

  it('adds its bias, and leaves the bias of other layers alone', () => {
    const of = adapter({}, { [`${LAYER}.lora_B.bias`]: [[2], [1, -1]] })
    expect([...of.mergeBias('decoder.fc1', Float32Array.of(1, 1))]).toEqual([3, -1])
    expect(of.changesBias('decoder.fc1')).toBe(true)
    expect([...adapter().mergeBias('decoder.fc1', Float32Array.of(1, 1))]).toEqual([1, 1])
    expect(adapter().changesBias('decoder.fc1')).toBe(false)
  })

  it('puts modules that were saved whole in the place of others', () => {
    const whole = { 'base_model.model.norm.modules_to_save.default.weight': [[2], [1, 2]] } as const
    expect([...adapter({}, whole).replaces.keys()]).toEqual(['norm.weight'])
  })

  it.each([
    [
      'an input of another width',
      {
        lora_A: [
          [1, 2],
          [1, 2],
        ],
      },
      'which do not fit a weight of [2, 3]',
    ],
    ['fewer outputs', { lora_B: [[1, 1], [1]] }, 'which do not fit a weight of [2, 3]'],
    [
      'two ranks',
      {
        lora_B: [
          [2, 2],
          [1, 1, 1, 1],
        ],
      },
      'which do not fit a weight of [2, 3]',
    ],
  ] as const)('is refused with %s', (_, parts, problem) => {
    const tensors = Object.fromEntries(
      Object.entries(parts).map(([part, tensor]) => [`${LAYER}.${part}.weight`, tensor]),
    )
    expect(() => merge(adapter({}, tensors))).toThrow(problem)
  })

  it('is refused where its rank is not the one that its configuration counts by', () => {
    expect(() => merge(adapter({ r: 8 }))).toThrow('has rank 1, and adapter_config.json says 8')
  })

  it('is refused with half of a pair', () => {
    const half = fakeTensorFile({ [`${LAYER}.lora_A.weight`]: DOWN })
    expect(() => merge(parseAdapter(CONFIG, half))).toThrow('has not both lora_A and lora_B')
  })

  it('is refused with lengths or biases of another number, and without those of DoRA', () => {
    const lengths: FakeTensors = { [`${LAYER}.lora_magnitude_vector`]: [[3], [1, 2, 3]] }
    expect(() => merge(adapter({}, lengths))).toThrow('another number of magnitudes')
    expect(() => merge(adapter({ use_dora: true }))).toThrow('no lora_magnitude_vector')
    const bias = adapter({}, { [`${LAYER}.lora_B.bias`]: [[1], [1]] })
    expect(() => bias.mergeBias('decoder.fc1', Float32Array.of(1, 1))).toThrow(
      'has a bias of [1], which does not fit one of [2]',
    )
  })

  it('names a part that is not known', () => {
    const odd: FakeTensors = { [`${LAYER}.lora_embedding_A`]: [[1], [1]] }
    expect(() => adapter({}, odd)).toThrow('lora_embedding_A')
  })
})
