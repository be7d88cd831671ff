// The orientation in XMP, which Lightroom and others write beside EXIF or instead of it.

/** As an attribute or as an element; Pillow looks for the same two. */
const ORIENTATION = /tiff:Orientation(?:\s*=\s*["']|>)\s*([0-9])/
/** A packet of metadata has some kilobytes; a picture's history of edits may have more. */
const MAX_BYTES = 1024 * 1024

/** @param packet XML in UTF-8 */
export function readXmpOrientation(packet: Uint8Array): number | undefined {
  const text = Buffer.from(packet.subarray(0, MAX_BYTES)).toString('latin1')
  const digit = ORIENTATION.exec(text)?.[1]
  return digit === undefined ? undefined : Number(digit)
}
