import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRowWindow, windowRows } from './row-window.ts'

const AT = 32
const STRIDE = 16

describe('createRowWindow', () => {
  it('holds every row that is asked for, adds each once and stays in its place', () => {
    const steps = fc.array(fc.tuple(fc.nat(12), fc.nat(20)), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(steps, (moves) => {
        const span = 1 + Math.max(...moves.map(([, length]) => length))
        const capacity = windowRows(span)
        const height = 40 + moves.reduce((sum, [move]) => sum + move, 0)
        const memory = new Uint8Array(AT + capacity * STRIDE + STRIDE).fill(255)
        let added = 0
        const window = createRowWindow(
          memory,
          { at: AT, stride: STRIDE, capacity },
          height,
          (row, count, target) => {
            expect(row).toBe(added)
            expect(target).toBeGreaterThanOrEqual(AT)
            expect(target + count * STRIDE).toBeLessThanOrEqual(AT + capacity * STRIDE)
            for (let i = 0; i < count; i += 1) {
              memory.fill((row + i) % 251, target + i * STRIDE, target + (i + 1) * STRIDE)
            }
            added += count
          },
        )
        let first = 0
        let heldEnd = 0
        for (const [move, length] of moves) {
          // The spans of a filter overlap, or touch at least.
          first = Math.min(first + move, heldEnd)
          const end = Math.min(height, first + 1 + length)
          const address = window.hold(first, end)
          for (let row = first; row < end; row += 1) {
            expect(memory[address + (row - first) * STRIDE]).toBe(row % 251)
          }
          heldEnd = Math.max(heldEnd, end)
        }
        expect(added).toBeLessThanOrEqual(height)
      }),
    )
  })
})
