import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlocapError } from '../base/errors.ts'
import { type ZipParts, writeZip } from '../../test/support/zip-writer.ts'
import type { ByteSource } from './torch-zip-bytes.ts'
import { readZipDirectory } from './torch-zip-directory.ts'

const FILES = [
  { name: 'a/data.pkl', data: Buffer.from('first') },
  { name: 'a/data/0', data: Buffer.from('second') },
]

/** A source that counts what is read of it. */
function sourceOf(bytes: Uint8Array): ByteSource & { readonly readBytes: () => number } {
  let total = 0
  return {
    name: 'test.bin',
    size: bytes.length,
    readBytes: () => total,
    read: (offset, length) => {
      if (offset + length > bytes.length) throw new FlocapError('invalid_model', 'ends early')
      total += length
      return bytes.slice(offset, offset + length)
    },
  }
}

function contentsOf(bytes: Uint8Array): Record<string, string> {
  const contents: Record<string, string> = {}
  for (const { name, offset, size } of readZipDirectory(sourceOf(bytes)).values()) {
    contents[name] = Buffer.from(bytes.subarray(offset, offset + size)).toString()
  }
  return contents
}

function damaged(change: (parts: ZipParts) => void, zip64 = false): Uint8Array {
  const parts = writeZip(FILES, { zip64 })
  change(parts)
  return parts.bytes
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the archive lacks this part')
  return value
}

describe('well-formed archives', () => {
  it.each([
    ['plain', {}],
    ['with sizes after the data', { sizesFollow: true }],
    ['zip64', { zip64: true }],
    ['with a comment', { comment: 'a comment' }],
    [
      'with a comment that looks like an end record',
      { comment: 'PK\u0005\u0006'.padEnd(30, '\0') },
    ],
  ])('are located: %s', (_, options) => {
    expect(contentsOf(writeZip(FILES, options).bytes)).toEqual({
      'a/data.pkl': 'first',
      'a/data/0': 'second',
    })
  })

  it('may be empty', () => {
    expect(readZipDirectory(sourceOf(writeZip([]).bytes)).size).toBe(0)
  })

  it('are located when any names and contents are in them', () => {
    const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    const file = fc.record({ name, data: fc.uint8Array({ maxLength: 64 }) })
    const files = fc.uniqueArray(file, { selector: (each) => each.name, maxLength: 8 })
    const options = fc.record({ zip64: fc.boolean(), sizesFollow: fc.boolean() })
    fc.assert(
      fc.property(files, options, (entries, form) => {
        const { bytes } = writeZip(entries, form)
        const directory = readZipDirectory(sourceOf(bytes))
        expect([...directory.keys()]).toEqual(entries.map((each) => each.name))
        for (const { name: key, data } of entries) {
          const { offset, size } = must(directory.get(key))
          expect(bytes.subarray(offset, offset + size)).toEqual(Buffer.from(data))
        }
      }),
    )
  })

  it('may begin beyond 4 GiB', () => {
    // Only the zip's records exist; between them lie 5 GiB that nobody wrote.
    const gap = 5 * 1024 ** 3
    const parts = writeZip([{ name: 'a/data/0', data: Buffer.from('x') }], { zip64: true })
    const extra = must(parts.centrals.get('a/data/0')) + 46 + 'a/data/0'.length + 4
    parts.bytes.writeBigUInt64LE(BigInt(gap), extra + 16)
    parts.bytes.writeBigUInt64LE(BigInt(gap + parts.directory), must(parts.zip64End) + 48)
    parts.bytes.writeBigUInt64LE(BigInt(gap + must(parts.zip64End)), must(parts.locator) + 8)
    const source: ByteSource = {
      name: 'huge.bin',
      size: gap + parts.bytes.length,
      read: (offset, length) => {
        const bytes = new Uint8Array(length)
        for (let index = 0; index < length; index += 1) {
          bytes[index] = parts.bytes[offset + index - gap] ?? 0
        }
        return bytes
      },
    }
    expect(readZipDirectory(source).get('a/data/0')?.offset).toBe(gap + 30 + 'a/data/0'.length)
  })
})

interface Lie {
  readonly what: string
  readonly reason: RegExp
  readonly change: (parts: ZipParts) => void
  readonly zip64: boolean
}

function lie(what: string, reason: RegExp, change: Lie['change'], zip64 = false): Lie {
  return { what, reason, change, zip64 }
}

function central(parts: ZipParts, name = 'a/data/0'): number {
  return must(parts.centrals.get(name))
}

function local(parts: ZipParts, name = 'a/data/0'): number {
  return must(parts.locals.get(name))
}

describe('lying archives', () => {
  const lies = [
    lie('fewer entries than announced', /contradicts/, ({ bytes, end }) =>
      bytes.writeUInt16LE(9, end + 10),
    ),
    lie('an entry count of two disks', /contradicts/, ({ bytes, end }) =>
      bytes.writeUInt16LE(1, end + 8),
    ),
    lie('a second disk', /contradicts/, ({ bytes, end }) => bytes.writeUInt16LE(1, end + 4)),
    lie('a directory on another disk', /contradicts/, ({ bytes, end }) =>
      bytes.writeUInt16LE(1, end + 6),
    ),
    lie('a directory that begins late', /contradicts/, ({ bytes, end, directory }) =>
      bytes.writeUInt32LE(directory + 1, end + 16),
    ),
    lie('a directory that is short', /contradicts/, ({ bytes, end }) =>
      bytes.writeUInt32LE(20, end + 12),
    ),
    lie('a directory of 4 GiB', /contradicts/, ({ bytes, end }) =>
      bytes.writeUInt32LE(0xff_ff_ff_fe, end + 12),
    ),
    lie('a full plain field without zip64', /contradicts/, ({ bytes, end }) =>
      bytes.writeUInt32LE(0xff_ff_ff_ff, end + 16),
    ),
    lie('a comment longer than the file', /no end record/, ({ bytes, end }) =>
      bytes.writeUInt16LE(50, end + 20),
    ),
    lie('a damaged entry signature', /no entry 2 of 2/, (parts) =>
      parts.bytes.writeUInt32LE(7, central(parts)),
    ),
    lie('a name longer than the directory', /cut table/, (parts) =>
      parts.bytes.writeUInt16LE(0xff_ff, central(parts) + 28),
    ),
    lie('a comment longer than the directory', /cut table/, (parts) =>
      parts.bytes.writeUInt16LE(99, central(parts) + 32),
    ),
    lie('a name that takes the next header along', /not UTF-8/, (parts) =>
      parts.bytes.writeUInt16LE(60, central(parts, 'a/data.pkl') + 28),
    ),
    lie('an encrypted entry', /encrypted/, (parts) =>
      parts.bytes.writeUInt16LE(0x0801, central(parts) + 8),
    ),
    lie('strong encryption', /encrypted/, (parts) =>
      parts.bytes.writeUInt16LE(0x0840, central(parts) + 8),
    ),
    lie('a stored entry with two sizes', /contradicting sizes/, (parts) =>
      parts.bytes.writeUInt32LE(99, central(parts) + 24),
    ),
    lie('an entry on another disk', /contradicting sizes/, (parts) =>
      parts.bytes.writeUInt16LE(1, central(parts) + 34),
    ),
    lie('a zip64 size without its field', /zip64 size/, (parts) =>
      parts.bytes.writeUInt32LE(0xff_ff_ff_ff, central(parts) + 20),
    ),
    lie('a header beyond the directory', /differs/, (parts) =>
      parts.bytes.writeUInt32LE(parts.directory, central(parts) + 42),
    ),
    lie('a header beyond the file', /differs/, (parts) =>
      parts.bytes.writeUInt32LE(0xff_ff_ff_00, central(parts) + 42),
    ),
    lie('a header inside data', /differs/, (parts) =>
      parts.bytes.writeUInt32LE(local(parts) + 2, central(parts) + 42),
    ),
    lie('a local header with another name', /differs/, (parts) =>
      parts.bytes.write('X', local(parts) + 30),
    ),
    lie('a local header with another size', /differs/, (parts) =>
      parts.bytes.writeUInt32LE(5, local(parts) + 18),
    ),
    lie('a local header with another unpacked size', /differs/, (parts) =>
      parts.bytes.writeUInt32LE(5, local(parts) + 22),
    ),
    lie('a local header with other flags', /differs/, (parts) =>
      parts.bytes.writeUInt16LE(0x0808, local(parts) + 6),
    ),
    lie('a local header with another method', /differs/, (parts) =>
      parts.bytes.writeUInt16LE(8, local(parts) + 8),
    ),
    lie('a local extra field beyond the directory', /differs/, (parts) =>
      parts.bytes.writeUInt16LE(0xff_ff, local(parts) + 28),
    ),
    lie('two entries of one name', /two entries/, (parts) => {
      parts.bytes.write('a/data/0', central(parts) + 46)
      parts.bytes.write('a/data/0'.padEnd(10, '\0'), central(parts, 'a/data.pkl') + 46)
      parts.bytes.writeUInt16LE(8, central(parts, 'a/data.pkl') + 28)
      parts.bytes.writeUInt16LE(2, central(parts, 'a/data.pkl') + 30)
      parts.bytes.writeUInt32LE(local(parts), central(parts, 'a/data.pkl') + 42)
      parts.bytes.writeUInt32LE(6, central(parts, 'a/data.pkl') + 20)
      parts.bytes.writeUInt32LE(6, central(parts, 'a/data.pkl') + 24)
    }),
    lie('overlapping entries', /overlapping entries a\/data\.pkl and a\/data\/0/, (parts) => {
      for (const at of [central(parts, 'a/data.pkl') + 20, local(parts, 'a/data.pkl') + 18]) {
        parts.bytes.writeUInt32LE(20, at)
        parts.bytes.writeUInt32LE(20, at + 4)
      }
    }),
    lie('a name that is not UTF-8', /not UTF-8/, (parts) =>
      parts.bytes.writeUInt8(0xff, central(parts) + 46),
    ),
    lie(
      'a zip64 locator to nowhere',
      /wrong place/,
      ({ bytes, locator }) => bytes.writeBigUInt64LE(0n, must(locator) + 8),
      true,
    ),
    lie(
      'a zip64 locator beyond integers',
      /announces a size/,
      ({ bytes, locator }) => bytes.writeBigUInt64LE(2n ** 63n, must(locator) + 8),
      true,
    ),
    lie(
      'a zip64 archive of two disks',
      /wrong place/,
      ({ bytes, locator }) => bytes.writeUInt32LE(2, must(locator) + 16),
      true,
    ),
    lie(
      'a zip64 record on another disk',
      /wrong place/,
      ({ bytes, locator }) => bytes.writeUInt32LE(1, must(locator) + 4),
      true,
    ),
    lie(
      'a damaged zip64 signature',
      /damaged zip64/,
      ({ bytes, zip64End }) => bytes.writeUInt32LE(0, must(zip64End)),
      true,
    ),
    lie(
      'a zip64 record of another length',
      /damaged zip64/,
      ({ bytes, zip64End }) => bytes.writeBigUInt64LE(45n, must(zip64End) + 4),
      true,
    ),
    lie(
      'zip64 counts of two disks',
      /damaged zip64/,
      ({ bytes, zip64End }) => bytes.writeBigUInt64LE(1n, must(zip64End) + 24),
      true,
    ),
    lie(
      'a zip64 directory elsewhere',
      /contradicts/,
      ({ bytes, zip64End }) => bytes.writeBigUInt64LE(1n, must(zip64End) + 48),
      true,
    ),
    lie(
      'a zip64 directory of 2^63 bytes',
      /announces a size/,
      ({ bytes, zip64End }) => bytes.writeBigUInt64LE(2n ** 63n, must(zip64End) + 40),
      true,
    ),
    lie(
      'a plain count against zip64',
      /contradicts/,
      ({ bytes, end }) => bytes.writeUInt16LE(1, end + 10),
      true,
    ),
    lie(
      'a plain offset against zip64',
      /contradicts/,
      ({ bytes, end }) => bytes.writeUInt32LE(5, end + 16),
      true,
    ),
    lie(
      'a zip64 entry size of 2^63',
      /announces a size/,
      (parts) => parts.bytes.writeBigUInt64LE(2n ** 63n, central(parts) + 46 + 8 + 4),
      true,
    ),
    lie(
      'a zip64 entry size beyond the file',
      /contradicting sizes/,
      (parts) => parts.bytes.writeBigUInt64LE(1000n, central(parts) + 46 + 8 + 4),
      true,
    ),
    lie(
      'a zip64 field that is cut',
      /zip64 size/,
      (parts) => parts.bytes.writeUInt16LE(8, central(parts) + 46 + 8 + 2),
      true,
    ),
    lie(
      'a zip64 field longer than the extra',
      /cut extra field/,
      (parts) => parts.bytes.writeUInt16LE(99, central(parts) + 46 + 8 + 2),
      true,
    ),
  ]

  it.each(lies)('are refused: $what', ({ reason, change, zip64 }) => {
    const bytes = damaged(change, zip64)
    expect(() => readZipDirectory(sourceOf(bytes))).toThrow(FlocapError)
    expect(() => readZipDirectory(sourceOf(bytes))).toThrow(reason)
  })

  it('are refused when they announce more entries than the limit', () => {
    const parts = writeZip(FILES, { zip64: true })
    for (const field of [24, 32])
      parts.bytes.writeBigUInt64LE(100_000n, must(parts.zip64End) + field)
    expect(() => readZipDirectory(sourceOf(parts.bytes))).toThrow(/100000 entries/)
  })

  it('do not make the reader read more than the archive is long', () => {
    const { bytes } = writeZip(FILES)
    for (let at = 0; at < bytes.length; at += 1) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const copy = Uint8Array.from(bytes)
        copy[at] = value
        const source = sourceOf(copy)
        try {
          readZipDirectory(source)
        } catch (error) {
          if (!(error instanceof FlocapError)) throw error
        }
        // The tail is searched once for the end record, then every part is read once.
        expect(source.readBytes()).toBeLessThanOrEqual(2 * bytes.length + 20)
      }
    }
  })
})
