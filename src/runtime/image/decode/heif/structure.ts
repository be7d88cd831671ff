// What a HEIF file says of its main picture before anything is decoded: how it is coded and how large
// it is (ISO/IEC 23008-12).
//
// A photo of a phone is a grid of some 50 tiles, each an HEVC picture of 512x512; the grid has the
// photo's size. Rotation, mirroring and cropping follow the decoding and are libheif's.
import { ByteReader } from '../byte-reader.ts'
import { type Box, fourCharacters, readBoxes } from '../iso-media.ts'
import { damagedPicture } from '../picture-errors.ts'

export interface HeifStructure {
  /** Four characters: `hvc1` for HEVC, `av01` for AV1, and so on; of a grid that of its tiles. */
  readonly coding: string
  /** Pixels, as stored: of the main picture first, then of what it is put together from. */
  readonly sizes: readonly { readonly width: number; readonly height: number }[]
  /** What the file says of the main picture and of what it is put together from. */
  readonly properties: readonly Box[]
}

interface Meta {
  readonly primary: number
  /** Item types by item number. */
  readonly types: ReadonlyMap<number, string>
  /** What a derived item is made of. */
  readonly parts: ReadonlyMap<number, readonly number[]>
  /** Property numbers by item number; properties count from 1. */
  readonly associations: ReadonlyMap<number, readonly number[]>
  readonly properties: readonly Box[]
}

/** Pictures that are made from others: a grid of tiles, an overlay, one turned or cropped once more. */
const DERIVED = new Set(['grid', 'iovl', 'iden'])
/** A turned copy of a grid of tiles is three deep. */
const MAX_DEPTH = 4
/** 110 megapixels in tiles of 256x256 are 1,700. */
const MAX_PARTS = 4096

/**
 * Reads the structure.
 *
 * @throws FlocapError `invalid_image`
 */
export function readHeifStructure(bytes: Uint8Array): HeifStructure {
  const meta = readMeta(bytes)
  const sizes: { width: number; height: number }[] = []
  const pending = [{ item: meta.primary, depth: 0 }]
  const properties: Box[] = []
  let coding: string | undefined
  for (const { item, depth } of pending) {
    const type = meta.types.get(item)
    if (type === undefined) throw damagedPicture('heic', `its item ${item} is missing`)
    properties.push(...propertiesOf(meta, item))
    const size = readSize(bytes, meta, item)
    if (size) sizes.push(size)
    else if (depth === 0) throw damagedPicture('heic', 'its header does not say its size')
    if (!DERIVED.has(type)) {
      coding ??= type
      continue
    }
    const parts = meta.parts.get(item) ?? []
    if (depth === MAX_DEPTH || pending.length + parts.length > MAX_PARTS) {
      throw damagedPicture('heic', 'it is put together from too many parts')
    }
    pending.push(...parts.map((part) => ({ item: part, depth: depth + 1 })))
  }
  if (coding === undefined) throw damagedPicture('heic', 'it is put together from no parts')
  return { coding, sizes, properties }
}

function readMeta(bytes: Uint8Array): Meta {
  const box = [...readBoxes(bytes, 'heic')].find(({ type }) => type === 'meta')
  if (!box) throw damagedPicture('heic', 'it has no still picture, or ends too early')
  let primary: number | undefined
  let types = new Map<number, string>()
  let parts = new Map<number, number[]>()
  let associations = new Map<number, number[]>()
  let properties: Box[] = []
  for (const child of readBoxes(bytes, 'heic', box.start + 4, box.end)) {
    if (child.type === 'pitm') primary = readPrimary(bytes, child)
    if (child.type === 'iinf') types = readTypes(bytes, child)
    if (child.type === 'iref') parts = readParts(bytes, child)
    if (child.type === 'iprp') {
      for (const inner of readBoxes(bytes, 'heic', child.start, child.end)) {
        if (inner.type === 'ipco') {
          properties = [...readBoxes(bytes, 'heic', inner.start, inner.end)]
        }
        if (inner.type === 'ipma') associations = readAssociations(bytes, inner)
      }
    }
  }
  if (primary === undefined)
    throw damagedPicture('heic', 'it does not say which picture is the main one')
  return { primary, types, parts, associations, properties }
}

/** A reader at a full box's content, and the box's version and flags. */
function openFullBox(
  bytes: Uint8Array,
  { start, end }: Box,
): { reader: ByteReader; version: number; flags: number } {
  const reader = new ByteReader(bytes.subarray(start, end), 'heic', false)
  const head = reader.u32()
  return { reader, version: head >>> 24, flags: head & 0xff_ffff }
}

function readPrimary(bytes: Uint8Array, box: Box): number {
  const { reader, version } = openFullBox(bytes, box)
  return version === 0 ? reader.u16() : reader.u32()
}

function readTypes(bytes: Uint8Array, box: Box): Map<number, string> {
  const { version } = openFullBox(bytes, box)
  const types = new Map<number, string>()
  for (const entry of readBoxes(bytes, 'heic', box.start + (version === 0 ? 6 : 8), box.end)) {
    const { reader, version: entryVersion } = openFullBox(bytes, entry)
    if (entry.type !== 'infe' || entryVersion < 2) continue
    const item = entryVersion === 2 ? reader.u16() : reader.u32()
    reader.at += 2
    types.set(item, fourCharacters(reader.bytes(4), 0))
  }
  return types
}

function readParts(bytes: Uint8Array, box: Box): Map<number, number[]> {
  const { version } = openFullBox(bytes, box)
  const parts = new Map<number, number[]>()
  for (const reference of readBoxes(bytes, 'heic', box.start + 4, box.end)) {
    if (reference.type !== 'dimg') continue
    const reader = new ByteReader(bytes.subarray(reference.start, reference.end), 'heic', false)
    const number = (): number => (version === 0 ? reader.u16() : reader.u32())
    const item = number()
    parts.set(item, Array.from({ length: reader.u16() }, number))
  }
  return parts
}

function readAssociations(bytes: Uint8Array, box: Box): Map<number, number[]> {
  const { reader, version, flags } = openFullBox(bytes, box)
  const wide = (flags & 1) === 1
  const associations = new Map<number, number[]>()
  for (let left = reader.u32(); left > 0; left -= 1) {
    const item = version === 0 ? reader.u16() : reader.u32()
    // The highest bit only says whether a reader must understand the property.
    const property = (): number => (wide ? reader.u16() & 0x7fff : reader.u8() & 0x7f)
    associations.set(item, Array.from({ length: reader.u8() }, property))
  }
  return associations
}

function propertiesOf(meta: Meta, item: number): Box[] {
  return (meta.associations.get(item) ?? []).flatMap((number) => meta.properties[number - 1] ?? [])
}

function readSize(
  bytes: Uint8Array,
  meta: Meta,
  item: number,
): { width: number; height: number } | undefined {
  const box = propertiesOf(meta, item).find(({ type }) => type === 'ispe')
  if (!box) return undefined
  const { reader } = openFullBox(bytes, box)
  return { width: reader.u32(), height: reader.u32() }
}
