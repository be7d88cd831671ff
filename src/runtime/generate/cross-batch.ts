// The cross-attention caches of the answers in progress as one batch, so that each answer reads its own
// picture and prompt in a step that all share.
//
// The cache of an answer that is alone is used as it came, without a copy. Of several, each is copied
// once, to a place in larger buffers. Whoever ends leaves a gap, and the last one moves there.
import { floats, floatsOf, int64s, type Tensors } from '../session.ts'
import { MASKED } from './beam-forest.ts'
import { type CacheShape, CrossBuffers, prefilled } from './cross-buffers.ts'

// Room is rounded up, so that the buffers seldom have to be made anew. What nobody has written to costs
// no memory yet.
const PLACES_STEP = 4
/** Prompts differ by some tokens. */
const WIDTH_STEP = 16

/** One answer's cache. */
export interface CrossMember {
  /** Tokens of its picture and prompt. */
  readonly length: number
  /** The prefill graph's results, until they have been copied to the member's place. */
  cache: Tensors | null
  hasLeft: boolean
}

export class CrossBatch {
  readonly #shape: CacheShape
  /** In the order of their places. */
  #members: CrossMember[] = []
  #buffers: CrossBuffers | null = null

  constructor(shape: CacheShape) {
    this.#shape = shape
  }

  /** @param cache the prefill graph's results for one prompt. */
  join(cache: Tensors): CrossMember {
    const length = floatsOf(cache, 'cross_key_0').length / this.#shape.hiddenSize
    const member = { length, cache, hasLeft: false }
    this.#members.push(member)
    return member
  }

  /** Its place is given away when the next step is prepared: one in progress may still read it. */
  leave(member: CrossMember): void {
    member.hasLeft = true
    if (this.#members.some(({ hasLeft }) => !hasLeft)) return
    this.#members = []
    this.#buffers = null
  }

  /** What the graph reads. @param owners for each row of the step the answer that it belongs to. */
  inputs(owners: readonly CrossMember[]): Tensors {
    this.#closeGaps()
    const [first, ...others] = this.#members
    if (first?.cache && others.length === 0) {
      return { ...first.cache, ...this.#arrangement(owners, first.length) }
    }
    const buffers = this.#gather()
    this.#buffers = buffers
    return {
      ...buffers.tensors(this.#members.length),
      ...this.#arrangement(owners, buffers.width),
    }
  }

  #closeGaps(): void {
    for (let place = this.#members.length - 1; place >= 0; place -= 1) {
      if (!this.#members[place]!.hasLeft) continue
      const last = this.#members.pop()!
      const from = this.#members.length
      if (place === from) continue
      this.#members[place] = last
      if (last.cache === null) this.#buffers!.write(place, last.length, this.#buffers!.at(from))
    }
  }

  /** Buffers with every member at its place. */
  #gather(): CrossBuffers {
    const [members, before] = [this.#members, this.#buffers]
    const longest = Math.max(...members.map(({ length }) => length))
    const fits = before !== null && before.places >= members.length && before.width >= longest
    const buffers = fits
      ? before
      : new CrossBuffers(
          this.#shape,
          Math.max(before?.places ?? 0, roundUp(members.length, PLACES_STEP)),
          Math.max(before?.width ?? 0, roundUp(longest, WIDTH_STEP)),
        )
    for (const [place, member] of members.entries()) {
      const { cache, length } = member
      if (cache) buffers.write(place, length, prefilled(cache, length))
      else if (!fits) buffers.write(place, length, before!.at(place))
      member.cache = null
    }
    return buffers
  }

  /** Which rows belong to which answer, and how far each answer's memory goes. */
  #arrangement(owners: readonly CrossMember[], width: number): Tensors {
    const answers = this.#members.length
    const rowsOf = this.#members.map((member) =>
      owners.flatMap((owner, row) => (owner === member ? [row] : [])),
    )
    const queries = Math.max(...rowsOf.map(({ length }) => length))
    const padded = rowsOf.flatMap((own) => Array.from({ length: queries }, (_, i) => own[i] ?? 0))
    const places = owners.map(() => 0)
    const mask = new Float32Array(answers * width)
    for (const [answer, own] of rowsOf.entries()) {
      for (const [i, row] of own.entries()) places[row] = answer * queries + i
      const { length } = this.#members[answer]!
      mask.fill(MASKED, answer * width + length, (answer + 1) * width)
    }
    return {
      cross_rows: int64s(padded, [answers, queries]),
      cross_places: int64s(places, [owners.length]),
      cross_mask: floats(mask, [answers, 1, 1, width]),
    }
  }
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step
}
