import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { base64Length, toBase64 } from './base64.ts'

it('writes any bytes as base64, and knows how long that is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100_000 }), async (bytes) => {
      const text = await toBase64(new Blob([bytes]))
      expect(text).toBe(Buffer.from(bytes).toString('base64'))
      expect(text).toHaveLength(base64Length(bytes.length))
    }),
    { numRuns: 30 },
  )
})
