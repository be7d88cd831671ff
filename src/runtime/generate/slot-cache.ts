// The decoder's own keys and values of all answers in progress: a slot for each token fed.
//
// They lie in buffers with a little room behind the slots in use. A step gives the keys and values of
// its own slots, and they are put behind the others. When a buffer is full, slots that no live beam can
// see are given back, and there is room anew. The slots of an answer that has ended are given back at
// once: every step would read them.
import { floats, floatsOf, int32s, type Tensor, type Tensors } from '../session.ts'
import { BeamForest } from './beam-forest.ts'
import type { CacheShape } from './cross-buffers.ts'
import { cacheNames } from './graph-step.ts'

/**
 * Steps that find room before slots move again. In each step the operator fills all the room with zeros
 * and copies what is in use, so room costs as well: a fixed one of 256 slots made a single answer's
 * decoding 8 to 15 % slower. By estimate, 24 steps of room cost 3 beams what moving once in 24 does.
 */
const STEPS_OF_ROOM = 24
/** Buffers of few sizes: most moves then stay in the same ones. */
const ROUNDED_TO = 32

function capacityFor(slots: number, rows: number): number {
  return Math.ceil((slots + STEPS_OF_ROOM * rows) / ROUNDED_TO) * ROUNDED_TO
}

/** Thirds of a `qkv` output. */
const KEYS = 1
const VALUES = 2

export class SlotCache {
  readonly forest = new BeamForest()
  readonly #heads: number
  readonly #headSize: number
  readonly #names: readonly string[]
  #capacity = capacityFor(0, 1)
  /** [heads, capacity, D] of each layer's keys and values. */
  #buffers: Float32Array[]

  #hasLitter = false

  constructor(shape: CacheShape) {
    this.#heads = shape.decoderHeads
    this.#headSize = shape.hiddenSize / shape.decoderHeads
    this.#names = cacheNames(shape)
    this.#buffers = this.#allocate()
  }

  /**
   * Makes room for `rows` more slots.
   *
   * @param ends slots that somebody will continue; what they cannot see may be forgotten.
   * @returns where slots are now, if they have moved.
   */
  makeRoom(rows: number, ends: readonly number[]): ReadonlyMap<number, number> | undefined {
    const before = this.#capacity
    if (!this.#hasLitter && this.forest.size + rows <= before) return undefined
    this.#hasLitter = false
    const live = this.forest.liveSlots(ends)
    const sources = this.#buffers
    this.#resize(live.length, rows)
    const size = this.#headSize
    for (const [i, target] of this.#buffers.entries()) {
      for (let head = 0; head < this.#heads; head += 1) {
        // In order, each to a lower place or its own, so one buffer can be both source and target.
        for (const [to, from] of live.entries()) {
          const start = (head * before + from) * size
          const slot = sources[i]!.subarray(start, start + size)
          target.set(slot, (head * this.#capacity + to) * size)
        }
      }
    }
    return this.forest.keep(live)
  }

  /** What the graph reads, when the slots of a step have been appended to the forest. */
  inputs(): Tensors {
    const { size } = this.forest
    const shape = [1, this.#heads, this.#capacity, this.#headSize]
    const past = this.#names.map((name, i): [string, Tensor] => [
      `past_${name}`,
      floats(this.#buffers[i]!, shape),
    ])
    return {
      ...Object.fromEntries(past),
      seqlens: int32s([size - 1], [1]),
      total: int32s([size], []),
    }
  }

  /** Puts the keys and values of the newest `rows` slots where the next step looks for them. */
  remember(results: Tensors, rows: number): void {
    const [heads, size] = [this.#heads, this.#headSize]
    const first = this.forest.size - rows
    for (let layer = 0; 2 * layer < this.#buffers.length; layer += 1) {
      const qkv = floatsOf(results, `qkv_${layer}`)
      for (const part of [KEYS, VALUES]) {
        const buffer = this.#buffers[2 * layer + part - KEYS]!
        for (let row = 0; row < rows; row += 1) {
          for (let head = 0; head < heads; head += 1) {
            const from = ((3 * row + part) * heads + head) * size
            const to = (head * this.#capacity + first + row) * size
            for (let i = 0; i < size; i += 1) buffer[to + i] = qkv[from + i]!
          }
        }
      }
    }
  }

  /** Some slots belong to an answer that has ended. */
  litter(): void {
    this.#hasLitter = true
  }

  /** Forgets everything, and gives back what long answers have taken. */
  clear(): void {
    this.forest.keep([])
    this.#hasLitter = false
    this.#resize(0, 1)
  }

  /** What the buffers hold is lost where another capacity takes new ones. */
  #resize(slots: number, rows: number): void {
    const capacity = capacityFor(slots, rows)
    if (capacity === this.#capacity) return
    this.#capacity = capacity
    this.#buffers = this.#allocate()
  }

  #allocate(): Float32Array[] {
    const length = this.#heads * this.#capacity * this.#headSize
    return this.#names.map(() => new Float32Array(length))
  }
}
