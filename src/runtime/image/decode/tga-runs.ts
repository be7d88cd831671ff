// The run-length coding of TGA: packets of one repeated pixel or of several literal ones. Packets may
// run over the end of a row, though the specification advises against it.
import type { ByteReader } from './byte-reader.ts'
import { damagedPicture } from './picture-errors.ts'

/**
 * @param size bytes of all rows
 * @param pixelBytes 1 to 4
 * @throws FlocapError `invalid_image` when packets end too early or hold more than the picture
 */
export function decodeTgaRuns(reader: ByteReader, size: number, pixelBytes: number): Uint8Array {
  const out = new Uint8Array(size)
  let to = 0
  while (to < size) {
    const packet = reader.u8()
    const bytes = ((packet & 0x7f) + 1) * pixelBytes
    if (to + bytes > size) throw damagedPicture('tga', 'it has more pixels than its size')
    if (packet < 0x80) {
      out.set(reader.bytes(bytes), to)
    } else {
      const pixel = reader.bytes(pixelBytes)
      for (let at = to; at < to + bytes; at += pixelBytes) out.set(pixel, at)
    }
    to += bytes
  }
  return out
}
