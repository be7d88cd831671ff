import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { ExternalDataWriter } from './external-data.ts'
import { Graph } from './graph.ts'

function newGraph(): Graph {
  return new Graph('test', new ExternalDataWriter(join(temporaryFolder(), 'w.bin'), 'w.bin'))
}

describe('constants of a graph', () => {
  it('are one where type, shape and numbers are the same', () => {
    const g = newGraph()
    expect(g.constant(Float32Array.of(1, 2), [2])).toBe(g.constant(Float32Array.of(1, 2), [2]))
    expect(g.scalar(3)).toBe(g.scalar(3))
  })

  it('are two where the shape alone differs: a scalar is no vector of one', () => {
    const g = newGraph()
    const shapes = [[], [1], [1, 1]].map((shape) => g.constant(Float32Array.of(1), shape))
    expect(new Set(shapes).size).toBe(3)
    expect(shapes.map(({ shape }) => shape)).toEqual([[], [1], [1, 1]])
    const four = Float32Array.of(1, 2, 3, 4)
    expect(g.constant(four, [2, 2])).not.toBe(g.constant(four, [4]))
  })

  it('are two where the type alone differs', () => {
    const g = newGraph()
    const ones = [g.constant(Int32Array.of(0), [1]), g.constant(Float32Array.of(0), [1])]
    expect(ones.map(({ dtype }) => dtype)).toEqual(['i32', 'f32'])
  })
})
