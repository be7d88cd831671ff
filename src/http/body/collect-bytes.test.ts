import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCollector } from './collect-bytes.ts'

const MEGABYTE = 1024 * 1024

/** Chunks of a pattern in which no two places look alike. */
function chunksOf(sizes: readonly number[]): Uint8Array[] {
  let next = 0
  return sizes.map((size) => Uint8Array.from({ length: size }, () => (next += 7) % 251))
}

describe('createCollector', () => {
  it('gives what came, whatever was announced', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 700_000 }), { maxLength: 6 })
    const announcements = fc.constantFrom('nothing', 'too little', 'the truth', 'too much')
    await fc.assert(
      fc.asyncProperty(sizes, announcements, async (lengths, announcement) => {
        const chunks = chunksOf(lengths)
        const truth = lengths.reduce((sum, length) => sum + length, 0)
        const announced = {
          nothing: 0,
          'too little': Math.floor(truth / 2),
          'the truth': truth,
          'too much': truth + 3 * MEGABYTE,
        }[announcement]
        const collector = createCollector(announced)
        for (const chunk of chunks) collector.add(chunk)
        const whole = await collector.finish()
        expect(Buffer.compare(whole, Buffer.concat(chunks))).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('takes memory once, and only when some of it is there', async () => {
    const chunk = Buffer.alloc(MEGABYTE, 1)
    const bytesTaken = (): number => process.memoryUsage().arrayBuffers
    const before = bytesTaken()
    const collector = createCollector(64 * MEGABYTE)
    collector.add(chunk)
    expect(bytesTaken() - before).toBeLessThan(32 * MEGABYTE)
    for (let count = 1; count < 64; count += 1) collector.add(chunk)
    const whole = await collector.finish()
    expect(whole.byteLength).toBe(64 * MEGABYTE)
    expect(bytesTaken() - before).toBeLessThan(1.2 * 64 * MEGABYTE)
  })
})
