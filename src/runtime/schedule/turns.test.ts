import { describe, expect, it } from 'vitest'
import { createTurns, MAX_STALL_MS, QUANTUM_MS, type Share, type Turns } from './turns.ts'

/** Turns over a clock that only work moves. */
function setUp(): {
  turns: Turns
  log: string[]
  work: (share: Share, name: string, slices: number, ms: number) => Promise<void>
} {
  let time = 0
  const turns = createTurns(() => time)
  const log: string[] = []
  return {
    turns,
    log,
    async work(share, name, slices, ms) {
      for (let i = 0; i < slices; i += 1) {
        await turns.run(share, i > 0, async () => {
          await new Promise(setImmediate)
          log.push(name)
          time += ms
        })
      }
    },
  }
}

/** `aabb` for a log of a, a, b, b. */
const order = (log: readonly string[]): string => log.join('')

describe('turns', () => {
  it('let short requests run to their end in the order they came', async () => {
    const { turns, log, work } = setUp()
    await Promise.all(['a', 'b', 'c'].map(async (name) => work(turns.join(), name, 3, 10)))
    expect(order(log)).toBe('aaabbbccc')
  })

  it('let a newcomer pass a request that has computed for long', async () => {
    const { turns, log, work } = setUp()
    const slice = QUANTUM_MS / 4
    await Promise.all([work(turns.join(), 'L', 8, slice), work(turns.join(), 's', 2, 10)])
    expect(order(log)).toBe('LLLLssLLLL')
  })

  it('give an answer in progress a step before it stands still for long', async () => {
    const { turns, log, work } = setUp()
    const long = work(turns.join(), 'L', 5, QUANTUM_MS)
    const crowd = Array.from({ length: 30 }, async () =>
      work(turns.join(), 's', 1, MAX_STALL_MS / 4),
    )
    await Promise.all([long, ...crowd])
    // The first step of L uses up its quantum; then every fifth slice or so is one of its.
    expect(order(log)).toMatch(/^L(s{5}L){4}s+$/)
  })

  it('give what joined last the turns that nobody else wants, and one before it stands still', async () => {
    const { turns, log, work } = setUp()
    const [last, first] = [turns.joinLast(), turns.join()]
    await Promise.all([
      work(last, 'l', 4, 1),
      work(first, 'a', 3, 1),
      work(turns.join(), 'b', 4, MAX_STALL_MS),
    ])
    expect(order(log)).toMatch(/^la{3}b+l/)
    expect(log.filter((name) => name === 'l')).toHaveLength(4)
  })

  it('go on after work that fails', async () => {
    const { turns, log, work } = setUp()
    const failing = turns.run(turns.join(), false, async () => {
      throw new Error('broken')
    })
    const other = work(turns.join(), 'a', 1, 1)
    await expect(failing).rejects.toThrow('broken')
    await other
    expect(order(log)).toBe('a')
  })
})
