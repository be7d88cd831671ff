// Room for the cross-attention caches of several answers, one behind the other in each tensor.
import type { Manifest } from '../../compiled/manifest.ts'
import { floats, floatsOf, type Tensor, type Tensors } from '../session.ts'

/** One answer's cache somewhere: `of(name)` has room for `width` tokens, of which the first are used. */
export interface CrossSource {
  readonly width: number
  of(name: string): Float32Array
}

/** The prefill graph's results: `cross_key_i` [1, heads, D, E] and `cross_value_i` [1, heads, E, D]. */
export function prefilled(cache: Tensors, width: number): CrossSource {
  return { width, of: (name) => floatsOf(cache, name) }
}

interface CrossTensor {
  readonly name: string
  /** Shape for `answers` places, each of `width` tokens. */
  readonly shape: (answers: number, width: number) => readonly number[]
  /** An answer's tensor is that many runs, each of `unit` floats for every token. */
  readonly runs: number
  readonly unit: number
}

/** What the size of a cache depends on. */
export type CacheShape = Pick<Manifest, 'decoderHeads' | 'decoderLayers' | 'hiddenSize'>

function crossTensors({
  decoderHeads: heads,
  decoderLayers,
  hiddenSize,
}: CacheShape): CrossTensor[] {
  const size = hiddenSize / heads
  return Array.from({ length: decoderLayers }, (_, i): CrossTensor[] => [
    {
      name: `cross_key_${i}`,
      shape: (answers, width) => [answers, heads, size, width],
      runs: heads * size,
      unit: 1,
    },
    {
      name: `cross_value_${i}`,
      shape: (answers, width) => [answers, heads, width, size],
      runs: heads,
      unit: size,
    },
  ]).flat()
}

export class CrossBuffers {
  readonly places: number
  /** Tokens that each place has room for. */
  readonly width: number
  readonly #tensors: readonly (CrossTensor & { readonly data: Float32Array })[]

  constructor(shape: CacheShape, places: number, width: number) {
    this.places = places
    this.width = width
    this.#tensors = crossTensors(shape).map((tensor) => ({
      ...tensor,
      data: new Float32Array(places * width * tensor.runs * tensor.unit),
    }))
  }

  /** Copies a cache of `length` tokens to a place. */
  write(place: number, length: number, source: CrossSource): void {
    for (const { name, runs, unit, data } of this.#tensors) {
      const from = source.of(name)
      const start = place * runs * this.width * unit
      for (let run = 0; run < runs; run += 1) {
        const begin = run * source.width * unit
        const part = from.subarray(begin, begin + length * unit)
        data.set(part, start + run * this.width * unit)
      }
    }
  }

  /** What lies at a place. */
  at(place: number): CrossSource {
    const byName = new Map(this.#tensors.map((tensor) => [tensor.name, tensor]))
    return {
      width: this.width,
      of: (name) => {
        const { data, runs, unit } = byName.get(name)!
        const length = runs * this.width * unit
        return data.subarray(place * length, (place + 1) * length)
      },
    }
  }

  /** The first `answers` places, as the decoder graph reads them. */
  tensors(answers: number): Tensors {
    return Object.fromEntries(
      this.#tensors.map(({ name, shape, runs, unit, data }): [string, Tensor] => [
        name,
        floats(data.subarray(0, answers * runs * this.width * unit), shape(answers, this.width)),
      ]),
    )
  }
}
