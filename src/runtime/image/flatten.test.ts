import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EXACT_PICTURES, readPicture, sha256 } from '../../../test/support/picture-fixtures.ts'
import type { Background } from '../../base/background.ts'
import { decodePicture } from './decode/decode.ts'
import { flatten } from './flatten.ts'

const Expected = z.object({ pictures: z.record(z.string(), z.record(z.string(), z.string())) })

const FIXTURE = new URL('../../../test/fixtures/backgrounds/backgrounds.json', import.meta.url)
const { pictures } = Expected.parse(JSON.parse(readFileSync(FIXTURE, 'utf8')))

/** Forms where the colours behind alpha are not Pillow's to begin with are measured elsewhere. */
const EXACT = EXACT_PICTURES.filter(([name]) => pictures[name] !== undefined)

const COLOURS: readonly Background[] = ['#ffffff', '#000000', '#ff8800']

/** One row of pixels. */
function row(...bytes: number[]): { width: number; height: number; data: Uint8Array } {
  return { width: bytes.length / 3, height: 1, data: Uint8Array.from(bytes) }
}

describe('a transparent picture', () => {
  it('is there to be tested in every form that has alpha', () => {
    const forms = new Set(EXACT.map(([name]) => name.split('-')[0]))
    expect(forms).toEqual(new Set(['bmp', 'gif', 'png', 'tiff', 'webp']))
  })

  it.each(EXACT.map(([name]) => name))(
    '%s lies on its background as Pillow pastes it',
    async (name) => {
      for (const background of COLOURS) {
        const options = { applyOrientation: false, background }
        const { data } = await decodePicture(readPicture(name), options)
        expect(sha256(data), background).toBe(pictures[name]?.[background])
      }
    },
  )

  it('shows its stored colours where the reference is asked for, or nothing is', async () => {
    const bytes = readPicture('png-rgba-8.png')
    const reference = await decodePicture(bytes, {
      applyOrientation: true,
      background: 'reference',
    })
    expect(await decodePicture(bytes, { applyOrientation: true })).toEqual(reference)
    const white = await decodePicture(bytes, { applyOrientation: true, background: 'white' })
    expect(white.data).not.toEqual(reference.data)
    expect('alpha' in white).toBe(false)
  })
})

describe('flatten', () => {
  it('mixes in proportion and rounds', () => {
    const picture = row(10, 20, 30, 10, 20, 30, 10, 20, 30)
    flatten(picture, Uint8Array.of(255, 0, 128), 'white')
    expect([...picture.data]).toEqual([10, 20, 30, 255, 255, 255, 132, 137, 142])
  })

  it('takes names and colours', () => {
    const on = (background: Background): number[] => {
      const picture = row(1, 2, 3)
      flatten(picture, Uint8Array.of(0), background)
      return [...picture.data]
    }
    expect(on('black')).toEqual([0, 0, 0])
    expect(on('#fe8001')).toEqual([254, 128, 1])
    expect(on('reference')).toEqual([1, 2, 3])
  })

  it('draws a checkerboard whose squares grow with the picture', () => {
    const sideOfSquare = (width: number): number => {
      const picture = { width, height: 1, data: new Uint8Array(width * 3) }
      flatten(picture, new Uint8Array(width), 'checker')
      return picture.data.indexOf(0xcc) / 3
    }
    expect(sideOfSquare(32)).toBe(8)
    expect(sideOfSquare(4800)).toBe(100)
  })
})
