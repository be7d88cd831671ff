import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGate } from './gate.ts'

describe('createGate', () => {
  it('keeps work alone that asks for it, and finishes everything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ alone: fc.boolean(), turns: fc.nat(3), pause: fc.nat(2) })),
        async (pieces) => {
          const gate = createGate()
          let running = 0
          let finished = 0
          const all: Promise<void>[] = []
          for (const { alone, turns, pause } of pieces) {
            const work = async (): Promise<void> => {
              running += 1
              for (let each = 0; each < turns; each += 1) {
                await turn()
                if (alone) expect(running).toBe(1)
              }
              running -= 1
              finished += 1
            }
            all.push(alone ? gate.alone(work) : gate.together(work))
            for (let each = 0; each < pause; each += 1) await turn()
          }
          await Promise.all(all)
          expect(finished).toBe(pieces.length)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('runs other work at the same time', async () => {
    const gate = createGate()
    let running = 0
    let most = 0
    const work = async (): Promise<void> => {
      running += 1
      most = Math.max(most, running)
      await turn()
      running -= 1
    }
    await Promise.all([1, 2, 3].map(async () => gate.together(work)))
    expect(most).toBe(3)
  })

  it('goes on after work that fails', async () => {
    const gate = createGate()
    const fail = async () => Promise.reject(new Error('no'))
    await expect(gate.alone(fail)).rejects.toThrow('no')
    await expect(gate.together(fail)).rejects.toThrow('no')
    expect(await gate.alone(async () => Promise.resolve(7))).toBe(7)
  })
})
