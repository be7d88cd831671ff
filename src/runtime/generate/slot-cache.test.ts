import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { floats, floatsOf, int32sOf, type Tensors } from '../session.ts'
import { ROOT } from './beam-forest.ts'
import { SlotCache } from './slot-cache.ts'

const SHAPE = { decoderHeads: 2, decoderLayers: 2, hiddenSize: 6 }
const WIDTH = SHAPE.hiddenSize

/** A step's results for slots that are told apart by a number. */
function createResults(tokens: readonly number[]): Tensors {
  return Object.fromEntries(
    Array.from({ length: SHAPE.decoderLayers }, (_, layer) => {
      const qkv = tokens.flatMap((token) =>
        Array.from({ length: 3 * WIDTH }, (__, i) => token * 1e3 + layer * 1e2 + i),
      )
      return [`qkv_${layer}`, floats(Float32Array.from(qkv), [1, tokens.length, 3 * WIDTH])]
    }),
  )
}

/** The numbers of the slots in use, read back from their keys and values. */
function tokensIn(inputs: Tensors): (number | 'mixed')[] {
  const used = int32sOf(inputs, 'total')[0]!
  const headSize = WIDTH / SHAPE.decoderHeads
  const capacity = inputs['past_key_0']!.dims[2]!
  return Array.from({ length: used }, (_, slot) => {
    const found = new Set<number>()
    for (let layer = 0; layer < SHAPE.decoderLayers; layer += 1) {
      for (const [part, kind] of ['key', 'value'].entries()) {
        const buffer = floatsOf(inputs, `past_${kind}_${layer}`)
        for (let i = 0; i < WIDTH; i += 1) {
          const head = Math.floor(i / headSize)
          const value = buffer[(head * capacity + slot) * headSize + (i % headSize)]!
          found.add((value - layer * 1e2 - (part + 1) * WIDTH - i) / 1e3)
        }
      }
    }
    const [only, ...others] = found
    return others.length > 0 || only === undefined ? 'mixed' : only
  })
}

/** Answers of one row each: how many there are, and how many steps each goes on before it ends. */
const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 })

describe('SlotCache', () => {
  it('keeps what answers in progress have fed, and nothing of those that have ended', () => {
    fc.assert(
      fc.property(lengths, (ends) => {
        const cache = new SlotCache(SHAPE)
        const answers = ends.map((end) => ({ end, fed: 0, slot: ROOT }))
        let newest = 0
        const expected = new Map<number, number>()
        for (let going = answers; going.length > 0;) {
          const moved = cache.makeRoom(
            going.length,
            going.map(({ slot }) => slot),
          )
          if (moved) {
            const before = new Map(expected)
            expected.clear()
            for (const [from, to] of moved) expected.set(to, before.get(from)!)
            for (const answer of going) answer.slot = moved.get(answer.slot) ?? ROOT
          }
          const tokens = going.map(() => (newest += 1) % 1000)
          for (const [i, answer] of going.entries()) {
            answer.slot = cache.forest.append(answer.slot)
            answer.fed += 1
            expected.set(answer.slot, tokens[i]!)
          }
          cache.remember(createResults(tokens), tokens.length)
          const left = going.filter(({ end, fed }) => fed < end)
          if (left.length < going.length) {
            const inputs = cache.inputs()
            expect(tokensIn(inputs)).toEqual([...expected.values()])
            cache.litter()
          }
          going = left
        }
      }),
      { numRuns: 20 },
    )
  })

  it('gives back the slots of an answer that has ended, and the room of a long one', () => {
    const cache = new SlotCache(SHAPE)
    const feed = (slot: number, tokens: number): number => {
      let last = slot
      for (let i = 0; i < tokens; i += 1) {
        last = cache.makeRoom(1, [last])?.get(last) ?? last
        last = cache.forest.append(last)
        cache.remember(createResults([i % 1000]), 1)
      }
      return last
    }
    const room = (): number => cache.inputs()['past_key_0']!.dims[2]!
    const small = room()
    feed(ROOT, 3000)
    expect(room()).toBeGreaterThan(3000)
    cache.litter()
    feed(ROOT, 2)
    expect(cache.forest.size).toBe(2)
    expect(room()).toBe(small)
  })
})
