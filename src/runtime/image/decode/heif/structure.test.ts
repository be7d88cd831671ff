import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPicture } from '../../../../../test/support/picture-fixtures.ts'
import { FlocapError } from '../../../../base/errors.ts'
import { readHeifStructure } from './structure.ts'

/** The fixture with the 32 bits after `marker` (and `skip` bytes) changed. */
function changed(name: string, marker: string, skip: number, value: number): Uint8Array {
  const bytes = Buffer.from(readPicture(name))
  bytes.writeUInt32BE(value, bytes.indexOf(marker, 0, 'latin1') + marker.length + skip)
  return bytes
}

describe('readHeifStructure', () => {
  it.each([
    ['heic-420.heic', [[96, 64]]],
    // Stored as it was encoded; cropping is left to the decoder.
    ['heic-odd-size.heic', [[64, 64]]],
    ['heic-second-is-main.heic', [[96, 64]]],
    [
      'heic-grid.heic',
      [
        [100, 90],
        [64, 64],
        [64, 64],
        [64, 64],
        [64, 64],
      ],
    ],
  ])('reads coding and sizes of %s', (name, sizes) => {
    const structure = readHeifStructure(readPicture(name))
    expect(structure.coding).toBe('hvc1')
    expect(structure.sizes.map(({ width, height }) => [width, height])).toEqual(sizes)
  })

  it.each([
    ['no meta box', changed('heic-420.heic', 'ftypheic', 0, 0), 'meta', 'skip'],
    ['a main picture that is missing', readPicture('heic-420.heic'), 'pitm', 'no such item'],
  ])('refuses %s', (_, file, box, how) => {
    const bytes = Buffer.from(file)
    const at = bytes.indexOf(box, 0, 'latin1')
    if (how === 'skip') bytes.write(how, at, 'latin1')
    else bytes.writeUInt16BE(999, at + 8)
    expect(() => readHeifStructure(bytes)).toThrow(/HEIC file cannot be decoded/)
  })

  it('refuses a grid that is made of itself, and does not go round for ever', () => {
    const bytes = Buffer.from(readPicture('heic-grid.heic'))
    const at = bytes.indexOf('dimg', 0, 'latin1') + 8
    for (let tile = 0; tile < 4; tile += 1) bytes.writeUInt16BE(1, at + 2 * tile)
    expect(() => readHeifStructure(bytes)).toThrow(/too many parts/)
  })

  it('is refused, never a crash, for any damage', () => {
    const whole = readPicture('heic-grid-turned.heic')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const bytes = Uint8Array.from(whole)
          for (const [at, value] of changes) bytes[at] = value
          try {
            readHeifStructure(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(FlocapError)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})
