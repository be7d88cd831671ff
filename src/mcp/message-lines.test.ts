import { buffer } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMessageLines, type TooLong } from './message-lines.ts'

/** What comes out for pieces that come in, and what was refused. */
async function through(pieces: readonly Buffer[], maxBytes = 1000) {
  const refused: TooLong[] = []
  const lines = createMessageLines(maxBytes, (message) => refused.push(message))
  const out = buffer(lines)
  for (const piece of pieces) lines.write(piece)
  lines.end()
  return { out: (await out).toString('utf8'), refused }
}

const pad = 'x'.repeat(5000)

describe('createMessageLines', () => {
  it('passes on every line that fits, however it was cut', async () => {
    const line = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !text.includes('\n'))
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(40)), async (texts, cuts) => {
        const all = Buffer.from(texts.map((text) => `${text}\n`).join(''))
        const pieces: Buffer[] = []
        let at = 0
        for (const cut of cuts) {
          pieces.push(all.subarray(at, at + cut))
          at += cut
        }
        pieces.push(all.subarray(at))
        const fitting = texts.filter((text) => Buffer.byteLength(text) <= 20)
        const { out, refused } = await through(pieces, 20)
        expect(out).toBe(fitting.map((text) => `${text}\n`).join(''))
        expect(refused).toHaveLength(texts.length - fitting.length)
      }),
    )
  })

  it.each([
    [{ method: 'tools/call', params: { pad }, jsonrpc: '2.0', id: 17 }, 17],
    [{ method: 'tools/call', params: { pad }, id: 'a-b', jsonrpc: '2.0' }, 'a-b'],
    [{ jsonrpc: '2.0', id: 3, method: 'tools/call', params: { pad } }, 3],
    [{ id: 4, method: 'tools/call', params: { pad } }, 4],
    [{ method: 'tools/call', params: { id: 5, pad } }, undefined],
  ])('finds the id of a message that is too long: %#', async (message, id) => {
    const { out, refused } = await through([Buffer.from(`${JSON.stringify(message)}\n{}\n`)])
    expect(refused).toEqual([{ id, bytes: JSON.stringify(message).length }])
    expect(out).toBe('{}\n')
  })

  it('passes on what has no end of line when there is no more', async () => {
    expect((await through([Buffer.from('{}\n{"a":'), Buffer.from('1}')])).out).toBe('{}\n{"a":1}\n')
  })
})
