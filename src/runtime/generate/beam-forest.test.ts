import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BeamForest, ROOT } from './beam-forest.ts'

/** Columns that a row of the mask may look at. */
function visible(mask: Float32Array, rows: number): number[][] {
  const width = mask.length / rows
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: width }, (_column, i) => i).filter((i) => mask[row * width + i] === 0),
  )
}

const appendAll = (forest: BeamForest, parents: readonly number[]): number[] =>
  parents.map((parent) => forest.append(parent))

describe('BeamForest', () => {
  it('lets each token of a chain see itself and what came before', () => {
    const forest = new BeamForest()
    appendAll(forest, [ROOT, 0, 1])
    expect(visible(forest.mask(3), 3)).toEqual([[0], [0, 1], [0, 1, 2]])
    expect(forest.positions(3)).toEqual([0, 1, 2])
  })

  it('lets a beam see its own past only, also after it changed places', () => {
    const forest = new BeamForest()
    appendAll(forest, [ROOT, 0])
    const [first, second] = appendAll(forest, [1, 1])
    appendAll(forest, [second!, first!])
    expect(visible(forest.mask(2), 2)).toEqual([
      [0, 1, 3, 4],
      [0, 1, 2, 5],
    ])
    expect(forest.positions(2)).toEqual([3, 3])
  })

  it('keeps answers apart', () => {
    const forest = new BeamForest()
    const [a, b] = appendAll(forest, [ROOT, ROOT])
    appendAll(forest, [a!, b!])
    expect(visible(forest.mask(2), 2)).toEqual([
      [0, 2],
      [1, 3],
    ])
  })

  it('refuses to continue a slot that is not there', () => {
    expect(() => new BeamForest().append(0)).toThrow('there is no slot 0')
  })

  it('forgets slots without changing what the ones that go on have seen', () => {
    const step = fc.array(fc.nat(2), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(11), (steps, when) => {
        const [whole, pruned] = [new BeamForest(), new BeamForest()]
        let [rowsOfWhole, rowsOfPruned] = [[whole.append(ROOT)], [pruned.append(ROOT)]]
        // Each slot's number in `whole`, at its place in `pruned`.
        let names = [0]
        for (const [i, wanted] of steps.entries()) {
          const chosen = wanted.map((row) => row % rowsOfWhole.length)
          if (i === when) {
            const live = pruned.liveSlots(chosen.map((row) => rowsOfPruned[row]!))
            const moved = pruned.keep(live)
            rowsOfPruned = rowsOfPruned.map((slot) => moved.get(slot) ?? ROOT)
            names = live.map((slot) => names[slot]!)
          }
          rowsOfWhole = chosen.map((row) => whole.append(rowsOfWhole[row]!))
          const before = rowsOfPruned
          rowsOfPruned = chosen.map((row) => pruned.append(before[row]!))
          names.push(...rowsOfWhole)
          const rows = chosen.length
          const seen = visible(pruned.mask(rows), rows).map((slots) =>
            slots.map((slot) => names[slot]),
          )
          expect(seen).toEqual(visible(whole.mask(rows), rows))
          expect(pruned.positions(rows)).toEqual(whole.positions(rows))
        }
      }),
    )
  })
})
