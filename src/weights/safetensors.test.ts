import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlocapError } from '../base/errors.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { MAX_TENSORS, openSafetensors } from './safetensors.ts'

function fileOf(header: unknown, data: Uint8Array = new Uint8Array(0)): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, data])
}

function write(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'model.safetensors')
  writeFileSync(path, bytes)
  return path
}

/** A header entry of float32 elements. */
const f32 = (shape: number[], begin: number, end: number): unknown => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
})

describe('openSafetensors', () => {
  it('lists tensors and reads the bytes of each', () => {
    const data = new Uint8Array(Float32Array.of(1, 2, 3).buffer)
    const path = write(
      fileOf({ __metadata__: { format: 'pt' }, a: f32([2], 0, 8), b: f32([], 8, 12) }, data),
    )
    const file = openSafetensors(path)
    expect([...file.tensors.keys()]).toEqual(['a', 'b'])
    expect(file.tensors.get('a')).toMatchObject({ dtype: 'F32', shape: [2] })
    const bytes = file.read('b')
    expect(new Float32Array(bytes.buffer, bytes.byteOffset, 1)[0]).toBe(3)
    file.close()
  })

  const hostile: [name: string, bytes: Buffer, message: string][] = [
    ['an empty file', Buffer.alloc(0), 'it has 0 bytes'],
    ['a header longer than the file', Buffer.from([255, 0, 0, 0, 0, 0, 0, 0]), 'header claims 255'],
    ['a header of 2^63 bytes', Buffer.from([0, 0, 0, 0, 0, 0, 0, 128]), 'the limit is 16777216'],
    ['a header that is no JSON', fileOf('{"a":'), 'not JSON'],
    ['a header that is a list', fileOf([]), 'not a JSON object'],
    ['an unknown type', fileOf({ a: { dtype: 'F8', shape: [], data_offsets: [0, 0] } }), 'dtype'],
    ['a negative offset', fileOf({ a: f32([1], -4, 0) }), 'data_offsets'],
    ['a fraction in a shape', fileOf({ a: f32([0.5], 0, 2) }), 'shape'],
    ['a range outside the file', fileOf({ a: f32([1], 0, 4) }), 'outside the file'],
    ['a range that runs backwards', fileOf({ a: f32([1], 4, 0) }, new Uint8Array(8)), 'outside'],
    [
      'a shape that does not fit its range',
      fileOf({ a: f32([3], 0, 4) }, new Uint8Array(4)),
      'has 4 bytes, F32 [3] needs 12',
    ],
    [
      'a shape whose size overflows',
      fileOf({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, new Uint8Array(4)),
      'has 4 bytes',
    ],
    [
      'overlapping tensors',
      fileOf({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, new Uint8Array(12)),
      'tensors a and b overlap',
    ],
    [
      'too many tensors',
      fileOf(
        Object.fromEntries(
          Array.from({ length: MAX_TENSORS + 1 }, (_, i) => [`t${i}`, f32([0], 0, 0)]),
        ),
      ),
      `the limit is ${MAX_TENSORS}`,
    ],
  ]
  it.each(hostile)('refuses %s and names the file', (_, bytes, message) => {
    expect(() => openSafetensors(write(bytes))).toThrow(
      expect.objectContaining({
        code: 'invalid_model',
        subject: 'model.safetensors',
        message: expect.stringContaining(message),
      }),
    )
  })

  it('knows a pointer of Git LFS and says how to fetch what it stands for', () => {
    const path = write(Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n'))
    expect(() => openSafetensors(path)).toThrow(
      expect.objectContaining({
        code: 'invalid_model',
        message: expect.stringContaining('Git LFS pointer'),
        hint: expect.stringContaining('git lfs pull'),
      }),
    )
  })

  it('survives any change of any byte of a header', () => {
    const good = fileOf({ a: f32([2], 0, 8), b: f32([1], 8, 12) }, new Uint8Array(12))
    const path = write(good)
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(good)
        changed[at] = value
        writeFileSync(path, changed)
        try {
          openSafetensors(path).close()
        } catch (error) {
          expect(error).toBeInstanceOf(FlocapError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
