import { describe, expect, it } from 'vitest'
import { formatBytes } from './format-bytes.ts'

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.00 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [463_221_266, '463 MB'],
    [12_345_678, '12.3 MB'],
    [1_543_107_459, '1.54 GB'],
    [5e15, '5000 TB'],
  ])('of %i is %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected)
  })
})
