import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BeamTree } from './beam-tree.ts'

/** Columns that a row of the mask may look at. */
function visible(mask: Float32Array, rows: number): number[][] {
  const width = mask.length / rows
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: width }, (_column, i) => i).filter((i) => mask[row * width + i] === 0),
  )
}

describe('BeamTree', () => {
  it('lets each token of a chain see itself and what came before', () => {
    const tree = new BeamTree()
    tree.addChain(3)
    expect(visible(tree.mask(3), 3)).toEqual([[0], [0, 1], [0, 1, 2]])
    expect(tree.positions(3)).toEqual([0, 1, 2])
  })

  it('lets a beam see its own past only, also after it changed places', () => {
    const tree = new BeamTree()
    tree.addChain(2)
    tree.addRows([0, 0])
    tree.addRows([1, 0])
    expect(visible(tree.mask(2), 2)).toEqual([
      [0, 1, 3, 4],
      [0, 1, 2, 5],
    ])
    expect(tree.positions(2)).toEqual([3, 3])
  })

  it('refuses to continue a row that is not there', () => {
    const tree = new BeamTree()
    tree.addChain(1)
    expect(() => tree.addRows([1])).toThrow('there is no row 1')
  })

  it('forgets slots without changing what the rows that go on have seen', () => {
    const step = fc.array(fc.nat(2), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(11), (steps, when) => {
        const [whole, pruned] = [new BeamTree(), new BeamTree()]
        // Each slot's number in `whole`, at its place in `pruned`.
        let names: number[] = [0, 1]
        for (const tree of [whole, pruned]) tree.addChain(2)
        let rows = 1
        for (const [i, wanted] of steps.entries()) {
          const parents = wanted.map((row) => row % rows)
          if (i === when) {
            const live = pruned.liveSlots(parents)
            pruned.keep(live)
            names = live.map((slot) => names[slot]!)
          }
          names.push(...parents.map((_, row) => whole.size + row))
          for (const tree of [whole, pruned]) tree.addRows(parents)
          rows = parents.length
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
