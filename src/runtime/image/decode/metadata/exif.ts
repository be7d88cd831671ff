// The orientation in a block of EXIF data: a small TIFF file whose first directory has the tag.

const ORIENTATION_TAG = 274
const BIG_ENDIAN = 0x4d4d
const LITTLE_ENDIAN = 0x4949
const ENTRY_BYTES = 12
/** JPEG, and tools that copy from it, put this before the TIFF file. */
const PREFIX = 'Exif\0\0'

/** @returns the tag's value, or undefined where there is no such tag or the block is damaged */
export function readExifOrientation(block: Uint8Array): number | undefined {
  const hasPrefix = Buffer.from(block.subarray(0, PREFIX.length)).toString('latin1') === PREFIX
  const tiff = hasPrefix ? block.subarray(PREFIX.length) : block
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  if (view.byteLength < 8) return undefined
  const order = view.getUint16(0)
  if (order !== BIG_ENDIAN && order !== LITTLE_ENDIAN) return undefined
  const little = order === LITTLE_ENDIAN
  const directory = view.getUint32(4, little)
  if (directory + 2 > view.byteLength) return undefined
  const count = view.getUint16(directory, little)
  for (let i = 0; i < count; i += 1) {
    const at = directory + 2 + i * ENTRY_BYTES
    if (at + ENTRY_BYTES > view.byteLength) return undefined
    if (view.getUint16(at, little) === ORIENTATION_TAG) return view.getUint16(at + 8, little)
  }
  return undefined
}
