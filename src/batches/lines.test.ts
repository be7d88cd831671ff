import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestHold } from '../../test/support/longest-hold.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { type Line, readLine, readLines } from './lines.ts'

const MB = 1024 * 1024
/** As of any single request. */
const MAX_HOLD_MS = 50

function fileOf(content: string | Uint8Array): string {
  const path = join(temporaryFolder(), 'lines')
  writeFileSync(path, content)
  return path
}

async function all(path: string, maxBytes = 1_000_000) {
  const lines: Line[] = []
  for await (const line of readLines(path, maxBytes)) lines.push(line)
  return lines
}

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')

describe('the lines of a file', () => {
  it('are found again where they are said to be', async () => {
    const lineOf = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .map((each) => each.replaceAll('\n', ''))
    await fc.assert(
      fc.asyncProperty(fc.array(lineOf, { maxLength: 12 }), fc.boolean(), async (lines, ends) => {
        const path = fileOf(lines.join('\n') + (ends ? '\n' : ''))
        const expected = lines
          .map((line, index) => [index + 1, line] as const)
          .filter(([, line]) => !/^[ \t\r]*$/.test(line))
        const read = await all(path)
        expect(read.map(({ number, bytes }) => [number, text(bytes)])).toEqual(expected)
        for (const [index, place] of read.entries()) {
          expect(text(await readLine(path, place))).toBe(expected[index]?.[1])
        }
      }),
      { numRuns: 100 },
    )
  })

  it('may be longer than what is read at once', async () => {
    const lines = ['a'.repeat(700_000), 'b', 'c'.repeat(300_000)]
    const read = await all(fileOf(lines.join('\n')))
    expect(read.map(({ bytes }) => text(bytes))).toEqual(lines)
  })

  it('are told but not held beyond the limit', async () => {
    const path = fileOf(`short\n${'x'.repeat(600_000)}\nlast`)
    const read = await all(path, 1_000)
    expect(read.map(({ number, length, bytes }) => [number, length, bytes !== undefined])).toEqual([
      [1, 5, true],
      [2, 600_000, false],
      [3, 4, true],
    ])
  })

  it.each([
    ['nothing but line breaks', '\n'.repeat(8 * MB)],
    ['a single blank line', ' '.repeat(32 * MB)],
    ['two bytes each', 'x\n'.repeat(1 * MB)],
  ])('of %s leave others their turns', async (_name, content) => {
    const path = fileOf(content)
    const held = await longestHold(async () => {
      for await (const { length } of readLines(path, 64 * MB)) if (length > 1) return
    })
    expect(held).toBeLessThan(MAX_HOLD_MS)
  })

  it('are missed where the file has become shorter', async () => {
    await expect(readLine(fileOf('abc'), { offset: 2, length: 5 })).rejects.toThrow(
      /Expected 5 bytes/,
    )
  })
})
