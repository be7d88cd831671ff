// Writes zip archives of stored entries, with every field open to lies, for tests of the reader.
import { crc32 } from 'node:zlib'

export interface ZipFile {
  readonly name: string
  readonly data: Uint8Array
}

export interface ZipOptions {
  /** As PyTorch does: sizes stand only in the central directory and after the data. */
  readonly sizesFollow?: boolean
  /** Write zip64 records and saturate every plain field. */
  readonly zip64?: boolean
  readonly comment?: string
}

/** Where the parts of an archive lie, so that a test can damage one. */
export interface ZipParts {
  readonly bytes: Buffer
  /** Offsets of local headers, by entry name. */
  readonly locals: ReadonlyMap<string, number>
  /** Offsets of central directory headers, by entry name. */
  readonly centrals: ReadonlyMap<string, number>
  readonly directory: number
  /** Offset of the zip64 end record, where there is one. */
  readonly zip64End: number | undefined
  readonly locator: number | undefined
  readonly end: number
}

const FULL_16 = 0xff_ff
const FULL_32 = 0xff_ff_ff_ff

export function writeZip(files: readonly ZipFile[], options: ZipOptions = {}): ZipParts {
  const pieces: Buffer[] = []
  let at = 0
  const push = (piece: Buffer): number => {
    pieces.push(piece)
    at += piece.length
    return at - piece.length
  }
  const flags = 0x0800 | (options.sizesFollow === true ? 0x0008 : 0)
  const locals = new Map<string, number>()
  for (const { name, data } of files) {
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04_03_4b_50, 0)
    header.writeUInt16LE(flags, 6)
    if (options.sizesFollow !== true) {
      header.writeUInt32LE(crc32(data), 14)
      header.writeUInt32LE(data.length, 18)
      header.writeUInt32LE(data.length, 22)
    }
    header.writeUInt16LE(Buffer.byteLength(name), 26)
    locals.set(name, push(header))
    push(Buffer.from(name))
    push(Buffer.from(data))
    if (options.sizesFollow === true) push(descriptorOf(data))
  }
  const directory = at
  const centrals = new Map<string, number>()
  for (const { name, data } of files) {
    const extra = options.zip64 === true ? Buffer.alloc(28) : Buffer.alloc(0)
    if (options.zip64 === true) {
      extra.writeUInt16LE(1, 0)
      extra.writeUInt16LE(24, 2)
      extra.writeBigUInt64LE(BigInt(data.length), 4)
      extra.writeBigUInt64LE(BigInt(data.length), 12)
      extra.writeBigUInt64LE(BigInt(locals.get(name) ?? 0), 20)
    }
    const header = Buffer.alloc(46)
    header.writeUInt32LE(0x02_01_4b_50, 0)
    header.writeUInt16LE(flags, 8)
    header.writeUInt32LE(crc32(data), 16)
    header.writeUInt32LE(options.zip64 === true ? FULL_32 : data.length, 20)
    header.writeUInt32LE(options.zip64 === true ? FULL_32 : data.length, 24)
    header.writeUInt16LE(Buffer.byteLength(name), 28)
    header.writeUInt16LE(extra.length, 30)
    header.writeUInt32LE(options.zip64 === true ? FULL_32 : (locals.get(name) ?? 0), 42)
    centrals.set(name, push(header))
    push(Buffer.from(name))
    push(extra)
  }
  const directoryBytes = at - directory
  let zip64End: number | undefined
  let locator: number | undefined
  if (options.zip64 === true) {
    zip64End = push(zip64EndOf(files.length, directoryBytes, directory))
    const record = Buffer.alloc(20)
    record.writeUInt32LE(0x07_06_4b_50, 0)
    record.writeBigUInt64LE(BigInt(zip64End), 8)
    record.writeUInt32LE(1, 16)
    locator = push(record)
  }
  const comment = Buffer.from(options.comment ?? '')
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06_05_4b_50, 0)
  end.writeUInt16LE(options.zip64 === true ? FULL_16 : files.length, 8)
  end.writeUInt16LE(options.zip64 === true ? FULL_16 : files.length, 10)
  end.writeUInt32LE(options.zip64 === true ? FULL_32 : directoryBytes, 12)
  end.writeUInt32LE(options.zip64 === true ? FULL_32 : directory, 16)
  end.writeUInt16LE(comment.length, 20)
  const endOffset = push(end)
  push(comment)
  return {
    bytes: Buffer.concat(pieces),
    locals,
    centrals,
    directory,
    zip64End,
    locator,
    end: endOffset,
  }
}

function descriptorOf(data: Uint8Array): Buffer {
  const descriptor = Buffer.alloc(16)
  descriptor.writeUInt32LE(0x08_07_4b_50, 0)
  descriptor.writeUInt32LE(crc32(data), 4)
  descriptor.writeUInt32LE(data.length, 8)
  descriptor.writeUInt32LE(data.length, 12)
  return descriptor
}

function zip64EndOf(count: number, bytes: number, offset: number): Buffer {
  const record = Buffer.alloc(56)
  record.writeUInt32LE(0x06_06_4b_50, 0)
  record.writeBigUInt64LE(44n, 4)
  record.writeBigUInt64LE(BigInt(count), 24)
  record.writeBigUInt64LE(BigInt(count), 32)
  record.writeBigUInt64LE(BigInt(bytes), 40)
  record.writeBigUInt64LE(BigInt(offset), 48)
  return record
}
