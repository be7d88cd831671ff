// Which cached slots belong to which beam.
//
// All beams share one cache: every step appends one slot for each of its rows. A row's own past is
// the chain of parents of its slot, so beams form a tree, and changing places costs nothing. Answers
// that share a step are trees beside each other.

/** What a row may not look at; exp() of it is zero in float32 beside any score. */
export const MASKED = -1e9

/** The parent of an answer's first slot. */
export const ROOT = -1

export class BeamForest {
  /** For each slot the slot before it in its answer. */
  readonly #parents: number[] = []
  /** For each slot its distance from the start of its answer. */
  readonly #depths: number[] = []

  /** Slots so far. */
  get size(): number {
    return this.#parents.length
  }

  /** A new slot behind `parent`, which is a slot or ROOT. */
  append(parent: number): number {
    if (parent !== ROOT && this.#parents[parent] === undefined) {
      throw new RangeError(`there is no slot ${parent} to continue`)
    }
    this.#parents.push(parent)
    this.#depths.push(parent === ROOT ? 0 : this.#depths[parent]! + 1)
    return this.size - 1
  }

  /** Positions of the newest `rows` slots in their own answers. */
  positions(rows: number): number[] {
    return this.#depths.slice(-rows)
  }

  /** [rows, size]: for each of the newest `rows` slots, 0 where it may look. */
  mask(rows: number): Float32Array {
    const { size } = this
    const mask = new Float32Array(rows * size).fill(MASKED)
    for (let row = 0; row < rows; row += 1) {
      let slot = size - rows + row
      while (slot !== ROOT) {
        mask[row * size + slot] = 0
        slot = this.#parents[slot]!
      }
    }
    return mask
  }

  /** Slots that the given ones can see, themselves included, in order. */
  liveSlots(from: readonly number[]): number[] {
    const live = new Set<number>()
    for (let slot of from) {
      // A slot that is known to be live has its whole past in the set already.
      while (slot !== ROOT && !live.has(slot)) {
        live.add(slot)
        slot = this.#parents[slot]!
      }
    }
    return [...live].toSorted((a, b) => a - b)
  }

  /**
   * Forgets all slots but these, which move together and keep their order. Their parents must be
   * among them.
   *
   * @returns where each of them is now.
   */
  keep(slots: readonly number[]): ReadonlyMap<number, number> {
    const moved = new Map(slots.map((slot, i) => [slot, i]))
    const [parents, depths] = [this.#parents.splice(0), this.#depths.splice(0)]
    for (const slot of slots) {
      this.#parents.push(moved.get(parents[slot]!) ?? ROOT)
      this.#depths.push(depths[slot]!)
    }
    return moved
  }
}
