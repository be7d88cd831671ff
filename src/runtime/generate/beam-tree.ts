// Which cached slots belong to which beam.
//
// All beams share one cache: every step appends one slot for each of its rows. A row's own past is
// the chain of parents of its slot, so beams form a tree, and changing places costs nothing.

/** What a row may not look at; exp() of it is zero in float32 beside any score. */
const MASKED = -1e9

export class BeamTree {
  /** For each slot the slot before it in its answer, -1 at the start. */
  readonly #parents: number[] = []
  /** For each slot its distance from the start of the answer. */
  readonly #depths: number[] = []
  /** Slot of each row of the newest step. */
  #rows: readonly number[] = []

  /** Slots so far. */
  get size(): number {
    return this.#parents.length
  }

  /** Appends a chain of `length` slots; its last one is row 0. */
  addChain(length: number): void {
    for (let i = 0; i < length; i += 1) {
      const slot = this.#add(this.size === 0 ? -1 : this.size - 1)
      this.#rows = [slot]
    }
  }

  /** Appends a slot for each row. @param parents rows of the step before. */
  addRows(parents: readonly number[]): void {
    const slots = parents.map((row) => this.#slotOf(row))
    this.#rows = slots.map((parent) => this.#add(parent))
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
      while (slot >= 0) {
        mask[row * size + slot] = 0
        slot = this.#parents[slot]!
      }
    }
    return mask
  }

  /** Slots that the given rows of the newest step can see, in order. @param rows parents to be. */
  liveSlots(rows: readonly number[]): number[] {
    const live = new Set<number>()
    for (const row of rows) {
      let slot = this.#slotOf(row)
      // A slot that is known to be live has its whole past in the set already.
      while (slot >= 0 && !live.has(slot)) {
        live.add(slot)
        slot = this.#parents[slot]!
      }
    }
    return [...live].toSorted((a, b) => a - b)
  }

  /** Forgets all slots but these, which move together and keep their order. */
  keep(slots: readonly number[]): void {
    const moved = new Map(slots.map((slot, i) => [slot, i]))
    const [parents, depths] = [this.#parents.splice(0), this.#depths.splice(0)]
    for (const slot of slots) {
      this.#parents.push(moved.get(parents[slot]!) ?? -1)
      this.#depths.push(depths[slot]!)
    }
    // A row that nobody continues may lose its slot.
    this.#rows = this.#rows.map((slot) => moved.get(slot) ?? -1)
  }

  #slotOf(row: number): number {
    const slot = this.#rows[row]
    if (slot === undefined || slot < 0) throw new RangeError(`there is no row ${row} to continue`)
    return slot
  }

  #add(parent: number): number {
    this.#parents.push(parent)
    this.#depths.push(parent < 0 ? 0 : this.#depths[parent]! + 1)
    return this.size - 1
  }
}
