// The table of contents of a zip archive, read as suspiciously as a file from the internet deserves.
//
// PyTorch stores its entries uncompressed, so a tensor is a range of the file. Everything that zip readers are known to disagree about (overlapping entries, two
// entries of one name, sizes that differ between the headers, spanned archives, zip64 records that
// contradict the plain ones) is refused instead of interpreted. CRC-32 is not checked: PyTorch can
// be told not to compute it, and the store compares SHA-256 of the whole file.
//
// Format: APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
import type { ByteSource } from './torch-zip-bytes.ts'
import { refuseFile, isRangeInside } from './torch-zip-bytes.ts'

/** The largest Florence-2 checkpoint has 921 tensors; this leaves room without inviting abuse. */
const MAX_ENTRIES = 65_535
/** 65,535 entries with names of PyTorch's usual length. */
const MAX_DIRECTORY_BYTES = 16 * 1024 * 1024
/** A comment at the end of the archive is at most this long by the format. */
const MAX_COMMENT_BYTES = 0xff_ff

const END_RECORD = { signature: 0x06_05_4b_50, bytes: 22 }
const ZIP64_LOCATOR = { signature: 0x07_06_4b_50, bytes: 20 }
const ZIP64_END_RECORD = { signature: 0x06_06_4b_50, bytes: 56 }
const DIRECTORY_HEADER = { signature: 0x02_01_4b_50, bytes: 46 }
const LOCAL_HEADER = { signature: 0x04_03_4b_50, bytes: 30 }
const ZIP64_EXTRA_ID = 0x00_01

const STORED = 0
const ENCRYPTED_FLAGS = 0x20_41
/** Sizes follow the data, and the local header has zeros: how PyTorch writes. */
const SIZES_FOLLOW_FLAG = 0x00_08

const FULL_16 = 0xff_ff
const FULL_32 = 0xff_ff_ff_ff

/** One file of the archive: a range of the archive's own bytes. */
export interface ZipEntry {
  readonly name: string
  readonly offset: number
  readonly size: number
  /** Compressed entries are located, so that a reader can say what archive this is, but not read. */
  readonly isCompressed: boolean
}

interface DirectoryEntry {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly packedSize: number
  readonly size: number
  readonly headerOffset: number
}

/**
 * All entries of the archive by name.
 * @throws FlocapError `invalid_model` for anything that is not a plain and consistent zip.
 */
export function readZipDirectory(source: ByteSource): ReadonlyMap<string, ZipEntry> {
  const location = findDirectory(source)
  const directory = source.read(location.offset, location.size)
  const entries = parseDirectory(source, directory, location.count)
  const located = new Map<string, ZipEntry>()
  const taken: { readonly start: number; readonly end: number; readonly name: string }[] = []
  for (const entry of entries) {
    if (located.has(entry.name)) throw refuseFile(source, `it has two entries ${entry.name}`)
    const offset = findData(source, entry, location.offset)
    const isCompressed = entry.method !== STORED
    located.set(entry.name, { name: entry.name, offset, size: entry.packedSize, isCompressed })
    taken.push({ start: entry.headerOffset, end: offset + entry.packedSize, name: entry.name })
  }
  taken.sort((a, b) => a.start - b.start)
  for (const [index, range] of taken.entries()) {
    const next = taken[index + 1]
    if (next !== undefined && next.start < range.end) {
      throw refuseFile(source, `it has overlapping entries ${range.name} and ${next.name}`)
    }
  }
  return located
}

interface DirectoryLocation {
  readonly offset: number
  readonly size: number
  readonly count: number
}

function findDirectory(source: ByteSource): DirectoryLocation {
  const tailBytes = Math.min(source.size, END_RECORD.bytes + MAX_COMMENT_BYTES)
  const tailOffset = source.size - tailBytes
  const tail = source.read(tailOffset, tailBytes)
  const at = findEndRecord(tail)
  if (at === undefined) {
    throw refuseFile(source, 'it has no end record, so it is cut off or not a zip archive')
  }
  const view = viewOf(tail)
  const plain = {
    disk: view.getUint16(at + 4, true),
    directoryDisk: view.getUint16(at + 6, true),
    countHere: view.getUint16(at + 8, true),
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  }
  const endOffset = tailOffset + at
  const wide = readZip64(source, endOffset)
  const matches = (narrow: number, full: number, value: number): boolean =>
    narrow === value || (wide !== undefined && narrow === full)
  const location = wide ?? plain
  const consistent =
    matches(plain.disk, FULL_16, 0) &&
    matches(plain.directoryDisk, FULL_16, 0) &&
    matches(plain.countHere, FULL_16, location.count) &&
    matches(plain.count, FULL_16, location.count) &&
    matches(plain.size, FULL_32, location.size) &&
    matches(plain.offset, FULL_32, location.offset)
  const directoryEnd = wide?.recordOffset ?? endOffset
  if (!consistent || location.offset + location.size !== directoryEnd) {
    throw refuseFile(source, 'it has a table of contents that contradicts itself')
  }
  if (location.count > MAX_ENTRIES || location.size > MAX_DIRECTORY_BYTES) {
    throw refuseFile(
      source,
      `it has a table of contents of ${location.count} entries and ${location.size} bytes; ` +
        `at most ${MAX_ENTRIES} entries and ${MAX_DIRECTORY_BYTES} bytes are read`,
    )
  }
  return { offset: location.offset, size: location.size, count: location.count }
}

/** The record whose comment ends with the file: a signature inside a comment is not one. */
function findEndRecord(tail: Uint8Array): number | undefined {
  const view = viewOf(tail)
  for (let at = tail.length - END_RECORD.bytes; at >= 0; at -= 1) {
    if (view.getUint32(at, true) !== END_RECORD.signature) continue
    if (at + END_RECORD.bytes + view.getUint16(at + 20, true) === tail.length) return at
  }
  return undefined
}

function readZip64(
  source: ByteSource,
  endOffset: number,
): (DirectoryLocation & { readonly recordOffset: number }) | undefined {
  const locatorOffset = endOffset - ZIP64_LOCATOR.bytes
  if (locatorOffset < 0) return undefined
  const locator = viewOf(source.read(locatorOffset, ZIP64_LOCATOR.bytes))
  if (locator.getUint32(0, true) !== ZIP64_LOCATOR.signature) return undefined
  const recordOffset = toSize(source, locator.getBigUint64(8, true))
  const onOneDisk = locator.getUint32(4, true) === 0 && locator.getUint32(16, true) === 1
  if (!onOneDisk || recordOffset + ZIP64_END_RECORD.bytes !== locatorOffset) {
    throw refuseFile(source, 'it has a zip64 locator that points to the wrong place')
  }
  const record = viewOf(source.read(recordOffset, ZIP64_END_RECORD.bytes))
  const count = toSize(source, record.getBigUint64(32, true))
  const consistent =
    record.getUint32(0, true) === ZIP64_END_RECORD.signature &&
    record.getBigUint64(4, true) === BigInt(ZIP64_END_RECORD.bytes - 12) &&
    record.getUint32(16, true) === 0 &&
    record.getUint32(20, true) === 0 &&
    record.getBigUint64(24, true) === BigInt(count)
  if (!consistent) throw refuseFile(source, 'it has a damaged zip64 end record')
  return {
    recordOffset,
    count,
    size: toSize(source, record.getBigUint64(40, true)),
    offset: toSize(source, record.getBigUint64(48, true)),
  }
}

function parseDirectory(
  source: ByteSource,
  directory: Uint8Array,
  count: number,
): readonly DirectoryEntry[] {
  const view = viewOf(directory)
  const entries: DirectoryEntry[] = []
  let at = 0
  for (let index = 0; index < count; index += 1) {
    if (
      at + DIRECTORY_HEADER.bytes > directory.length ||
      view.getUint32(at, true) !== DIRECTORY_HEADER.signature
    ) {
      throw refuseFile(source, `it has no entry ${index + 1} of ${count} where one is announced`)
    }
    const nameBytes = view.getUint16(at + 28, true)
    const extraBytes = view.getUint16(at + 30, true)
    const extraStart = at + DIRECTORY_HEADER.bytes + nameBytes
    const end = extraStart + extraBytes + view.getUint16(at + 32, true)
    if (end > directory.length) throw refuseFile(source, 'it has a cut table of contents')
    const name = toName(source, directory.subarray(at + DIRECTORY_HEADER.bytes, extraStart))
    const flags = view.getUint16(at + 8, true)
    const method = view.getUint16(at + 10, true)
    if ((flags & ENCRYPTED_FLAGS) !== 0) throw refuseFile(source, `it has encrypted ${name}`)
    const [size, packedSize, headerOffset] = parseSizes(
      source,
      [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)],
      directory.subarray(extraStart, extraStart + extraBytes),
    )
    const disk = view.getUint16(at + 34, true)
    if ((method === STORED && size !== packedSize) || disk !== 0) {
      throw refuseFile(source, `it has contradicting sizes for ${name}`)
    }
    entries.push({ name, flags, method, packedSize, size, headerOffset })
    at = end
  }
  if (at !== directory.length) {
    throw refuseFile(source, 'it has more bytes in its table of contents than entries')
  }
  return entries
}

/** Uncompressed size, compressed size, header offset; full 32-bit fields stand in the zip64 extra. */
function parseSizes(
  source: ByteSource,
  narrow: readonly [number, number, number],
  extra: Uint8Array,
): readonly [number, number, number] {
  const view = viewOf(extra)
  let wide: DataView | undefined
  let at = 0
  while (at + 4 <= extra.length) {
    const length = view.getUint16(at + 2, true)
    if (at + 4 + length > extra.length) throw refuseFile(source, 'it has a cut extra field')
    if (view.getUint16(at, true) === ZIP64_EXTRA_ID) {
      if (wide !== undefined) throw refuseFile(source, 'it has two zip64 fields for one entry')
      wide = viewOf(extra.subarray(at + 4, at + 4 + length))
    }
    at += 4 + length
  }
  let used = 0
  const next = (field: number): number => {
    if (field !== FULL_32) return field
    if (wide === undefined || used + 8 > wide.byteLength) {
      throw refuseFile(source, 'it announces a zip64 size that it does not have')
    }
    used += 8
    return toSize(source, wide.getBigUint64(used - 8, true))
  }
  return [next(narrow[0]), next(narrow[1]), next(narrow[2])]
}

/** Where the data of an entry begins: after its local header, which must tell the same story. */
function findData(source: ByteSource, entry: DirectoryEntry, directoryOffset: number): number {
  const wrong = (): Error =>
    refuseFile(source, `it has a header of ${entry.name} that differs from its contents table`)
  if (!isRangeInside(entry.headerOffset, LOCAL_HEADER.bytes, directoryOffset)) throw wrong()
  const header = viewOf(source.read(entry.headerOffset, LOCAL_HEADER.bytes))
  const nameBytes = header.getUint16(26, true)
  const offset = entry.headerOffset + LOCAL_HEADER.bytes + nameBytes + header.getUint16(28, true)
  if (
    header.getUint32(0, true) !== LOCAL_HEADER.signature ||
    header.getUint16(6, true) !== entry.flags ||
    header.getUint16(8, true) !== entry.method ||
    !isRangeInside(offset, entry.packedSize, directoryOffset)
  ) {
    throw wrong()
  }
  const name = source.read(entry.headerOffset + LOCAL_HEADER.bytes, nameBytes)
  if (toName(source, name) !== entry.name) throw wrong()
  const follow = (entry.flags & SIZES_FOLLOW_FLAG) !== 0
  const agrees = (field: number, size: number): boolean =>
    field === size || field === FULL_32 || (follow && field === 0)
  if (
    !agrees(header.getUint32(18, true), entry.packedSize) ||
    !agrees(header.getUint32(22, true), entry.size)
  ) {
    throw wrong()
  }
  return offset
}

function toName(source: ByteSource, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuseFile(source, 'it has an entry whose name is not UTF-8')
  }
}

function toSize(source: ByteSource, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw refuseFile(source, `it announces a size of ${value} bytes`)
  }
  return Number(value)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
