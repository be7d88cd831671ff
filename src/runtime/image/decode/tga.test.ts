// What Pillow makes of whole files is checked in decode.test.ts; here are the corners, and the palettes
// that Pillow 12 does not read.
import { describe, expect, it } from 'vitest'
import { DEFAULT_PICTURE_LIMITS } from './limits.ts'
import { decodeTga } from './tga.ts'
import { looksLikeTga } from './tga-header.ts'

interface Form {
  readonly kind: number
  readonly depth: number
  readonly flags?: number
  readonly mapBits?: number
  readonly map?: number[]
}

function tga(width: number, height: number, form: Form, pixels: number[]): Uint8Array {
  const { kind, depth, flags = 0x20, mapBits = 0, map = [] } = form
  const bytes = Buffer.alloc(18 + map.length + pixels.length)
  bytes.set([0, mapBits === 0 ? 0 : 1, kind])
  bytes.writeUInt16LE(mapBits === 0 ? 0 : (map.length * 8) / mapBits, 5)
  bytes[7] = mapBits
  bytes.writeUInt16LE(width, 12)
  bytes.writeUInt16LE(height, 14)
  bytes.set([depth, flags, ...map, ...pixels], 16)
  return bytes
}

const decode = (bytes: Uint8Array) => decodeTga(bytes, DEFAULT_PICTURE_LIMITS)

describe('decodeTga', () => {
  it('reads palettes of 16 and of 32 bits, with their alpha', () => {
    const deep = decode(
      tga(2, 1, { kind: 1, depth: 8, mapBits: 32, map: [1, 2, 3, 4, 5, 6, 7, 8] }, [1, 0]),
    )
    expect([...deep.data]).toEqual([7, 6, 5, 3, 2, 1])
    expect([...(deep.alpha ?? [])]).toEqual([8, 4])
    const fifteen = decode(
      tga(2, 1, { kind: 1, depth: 8, mapBits: 16, map: [0x1f, 0x80, 0xe0, 0x03] }, [0, 1]),
    )
    expect([...fifteen.data]).toEqual([0, 0, 255, 0, 255, 0])
    expect([...(fifteen.alpha ?? [])]).toEqual([0, 255])
  })

  it('passes over the palette of a picture that has colours of its own', () => {
    const { data } = decode(
      tga(1, 1, { kind: 2, depth: 24, mapBits: 24, map: [9, 9, 9] }, [1, 2, 3]),
    )
    expect([...data]).toEqual([3, 2, 1])
  })

  it('shows a picture whose alpha is empty', () => {
    expect(decode(tga(1, 1, { kind: 2, depth: 32 }, [1, 2, 3, 0])).alpha).toBeUndefined()
  })

  it.each([
    ['pixels that end too early', tga(2, 2, { kind: 3, depth: 8 }, [1, 2, 3]), /it ends too early/],
    [
      'packets that end too early',
      tga(9, 1, { kind: 11, depth: 8 }, [0x83, 1]),
      /it ends too early/,
    ],
    [
      'a packet that leads past the end',
      tga(2, 1, { kind: 11, depth: 8 }, [0x83, 1]),
      /more pixels/,
    ],
    ['coded single bits', tga(8, 1, { kind: 11, depth: 1 }, [0x80, 1]), /single bits/],
    [
      'a palette of 15 bits',
      tga(1, 1, { kind: 1, depth: 8, mapBits: 15 }, [0]),
      /15 bits a colour/,
    ],
  ])('refuses %s', (_, bytes, words) => {
    expect(() => decode(bytes)).toThrow(words)
  })
})

describe('looksLikeTga', () => {
  it.each([
    ['a header that is too short', new Uint8Array(17)],
    ['zeros', new Uint8Array(64)],
    ['no width', tga(0, 5, { kind: 2, depth: 24 }, [])],
    ['palette pixels without a palette', tga(5, 5, { kind: 1, depth: 8 }, [])],
    ['12 bits a pixel', tga(5, 5, { kind: 2, depth: 12 }, [])],
    ['text', Buffer.from('This is no picture, but a line of text.')],
    [
      'an MPEG stream',
      Uint8Array.of(0, 0, 1, 0xba, 0x44, 0, 4, 0, 4, 1, 0, 1, 3, 0xf8, 0, 0, 1, 0xe0),
    ],
  ])('is false for %s', (_, bytes) => {
    expect(looksLikeTga(bytes)).toBe(false)
  })
})
