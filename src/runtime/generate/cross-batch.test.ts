import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { floats, floatsOf, int32sOf, type Tensors } from '../session.ts'
import { CrossBatch, type CrossMember } from './cross-batch.ts'

const HEADS = 2
const SIZE = 3
const LAYERS = 2
const SHAPE = {
  decoderHeads: HEADS,
  decoderLayers: LAYERS,
  hiddenSize: HEADS * SIZE,
}

/** A cache in which every number tells whose it is, and where. */
function createCache(owner: number, length: number): Tensors {
  const fill = (part: number): Float32Array =>
    Float32Array.from({ length: HEADS * SIZE * length }, (_, i) => owner * 1e4 + part * 1e3 + i)
  return Object.fromEntries(
    Array.from({ length: LAYERS }, (_, i) => [
      [`cross_key_${i}`, floats(fill(2 * i), [1, HEADS, SIZE, length])] as const,
      [`cross_value_${i}`, floats(fill(2 * i + 1), [1, HEADS, length, SIZE])] as const,
    ]).flat(),
  )
}

interface Asked {
  readonly cache: Tensors
  readonly member: CrossMember
}

/** What each row of a step is given to read: the keys and values of its answer that are not masked. */
function memoryOfRows(inputs: Tensors): unknown[] {
  const [places, padded] = [int32sOf(inputs, 'cross_places'), int32sOf(inputs, 'cross_rows')]
  const [, queries = 0] = inputs['cross_rows']!.dims
  const width = inputs['cross_mask']!.dims[3]!
  const mask = floatsOf(inputs, 'cross_mask')
  return [...places].map((place, row) => {
    const answer = Math.floor(place / queries)
    const masked = mask.subarray(answer * width, (answer + 1) * width)
    const tokens = Array.from({ length: width }, (_, i) => i).filter((i) => masked[i] === 0)
    return { row: padded[place] === row, ...readCache(inputs, { answer, width, tokens }) }
  })
}

/** What they should: their own answer's cache. */
function ownMemory(rows: readonly Asked[]): unknown[] {
  return rows.map(({ cache, member: { length } }) => {
    const tokens = Array.from({ length }, (_, i) => i)
    return { row: true, ...readCache(cache, { answer: 0, width: length, tokens }) }
  })
}

function readCache(
  tensors: Tensors,
  { answer, width, tokens }: { answer: number; width: number; tokens: readonly number[] },
): { keys: number[]; values: number[] } {
  const [keys, values]: [number[], number[]] = [[], []]
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const [key, value] = [`cross_key_${layer}`, `cross_value_${layer}`]
    for (let head = 0; head < HEADS; head += 1) {
      for (let i = 0; i < SIZE; i += 1) {
        for (const token of tokens) {
          const channel = (answer * HEADS + head) * SIZE + i
          keys.push(floatsOf(tensors, key)[channel * width + token]!)
          const at = ((answer * HEADS + head) * width + token) * SIZE + i
          values.push(floatsOf(tensors, value)[at]!)
        }
      }
    }
  }
  return { keys, values }
}

/** Who joins or leaves before each step, and how many rows each has in it. */
const histories = fc.array(
  fc.record({
    joins: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
    leaves: fc.array(fc.nat(), { maxLength: 3 }),
    rows: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 24, maxLength: 24 }),
  }),
  { minLength: 1, maxLength: 8 },
)

describe('caches of several answers', () => {
  it('are read by their own rows, whoever comes and goes', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const batch = new CrossBatch(SHAPE)
        const present: Asked[] = []
        let owners = 0
        for (const { joins, leaves, rows } of history) {
          for (const length of joins) {
            owners += 1
            const cache = createCache(owners, length)
            present.push({ cache, member: batch.join(cache) })
          }
          for (const leaver of leaves) {
            const [gone] = present.splice(leaver % (present.length || 1), 1)
            if (gone) batch.leave(gone.member)
          }
          const step = present.flatMap((asked, i) => Array.from({ length: rows[i]! }, () => asked))
          if (step.length === 0) continue
          const inputs = batch.inputs(step.map(({ member }) => member))
          expect(memoryOfRows(inputs)).toEqual(ownMemory(step))
        }
      }),
    )
  })

  it('are not copied for an answer that is alone', () => {
    const batch = new CrossBatch(SHAPE)
    const cache = createCache(1, 5)
    const inputs = batch.inputs([batch.join(cache)])
    expect(inputs['cross_key_0']).toBe(cache['cross_key_0'])
  })

  it('stay as they are for a step in progress when somebody leaves', () => {
    const batch = new CrossBatch(SHAPE)
    const [first, last] = [createCache(1, 5), createCache(2, 7)]
    const leaver = batch.join(first)
    const member = batch.join(last)
    const inputs = batch.inputs([leaver, member])
    batch.leave(leaver)
    expect(memoryOfRows(inputs)).toEqual(
      ownMemory([
        { cache: first, member: leaver },
        { cache: last, member },
      ]),
    )
  })
})
