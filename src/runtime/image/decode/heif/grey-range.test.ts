import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { decodePicture } from '../decode.ts'
import { isLimitedGrey, stretchRange } from './grey-range.ts'

const FOLDER = new URL('../../../../../test/fixtures/range/', import.meta.url)
const { rows } = z
  .object({ rows: z.record(z.string(), z.array(z.number())) })
  .parse(JSON.parse(readFileSync(new URL('grey-ranges.json', FOLDER), 'utf8')))

it.each(Object.entries(rows))('reads %s within a level of Pillow', async (name, expected) => {
  const file = readFileSync(new URL(name, FOLDER))
  expect(isLimitedGrey(file)).toBe(name.includes('limited'))
  const { data, width } = await decodePicture(file, { applyOrientation: false })
  const row = Array.from({ length: width }, (_, x) => data[x * 3] ?? 0)
  const away = row.map((value, x) => Math.abs(value - (expected[x] ?? 0)))
  expect(Math.max(...away)).toBeLessThanOrEqual(1)
  expect([row[0], (row.at(-1) ?? 0) > 250]).toEqual([0, true])
})

it('clips what lies outside of the range', () => {
  expect([...stretchRange(Uint8Array.of(0, 16, 126, 235, 255))]).toEqual([0, 0, 128, 255, 255])
})

it('says nothing of files that it cannot read', () => {
  expect(isLimitedGrey(Buffer.from('\0\0\0\x10ftypavif'))).toBe(false)
})
