// How a picture is turned, from every place that Pillow's `ImageOps.exif_transpose` looks at: EXIF, in
// whatever chunk, and XMP where EXIF says nothing. libvips reports EXIF in its usual places alone.
import type { Metadata } from 'sharp'
import type { Orientation } from '../../orientation.ts'
import { toOrientation } from '../../orientation.ts'
import { readHeifStructure } from '../heif/structure.ts'
import { readExifOrientation } from './exif.ts'
import { readPngMetadata } from './png.ts'
import { readXmpOrientation } from './xmp.ts'

type Known = Pick<Metadata, 'orientation' | 'exif' | 'xmp'>

/**
 * @param known what libvips says of the file
 * @returns how to turn what libvips decodes
 */
export function readOrientation(
  file: Uint8Array,
  format: 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif',
  known: Known,
): Orientation {
  switch (format) {
    case 'jpeg':
    case 'webp':
      return toOrientation(known.orientation ?? fromXmp(known.xmp))
    case 'png': {
      const { exif, xmp } = readPngMetadata(file)
      const fromExif = known.orientation ?? (exif && readExifOrientation(exif))
      return toOrientation(fromExif ?? fromXmp(xmp ?? known.xmp))
    }
    case 'avif':
      // libvips has turned it as its container says, and what EXIF says then only repeats that.
      return hasTurn(file) || hasExifOrientation(known) ? 1 : toOrientation(fromXmp(known.xmp))
    case 'tiff':
      return toOrientation(known.orientation)
  }
}

function fromXmp(packet: Uint8Array | undefined): number | undefined {
  return packet && readXmpOrientation(packet)
}

function hasExifOrientation({ exif }: Known): boolean {
  if (exif === undefined) return false
  // In HEIF the block may begin with the offset of its TIFF header, which libvips leaves there.
  return [exif, exif.subarray(4)].some((block) => readExifOrientation(block) !== undefined)
}

/** Whether the picture is rotated or mirrored by its container. */
function hasTurn(file: Uint8Array): boolean {
  try {
    const { properties } = readHeifStructure(file)
    return properties.some(({ type }) => type === 'irot' || type === 'imir')
  } catch {
    // Whether a damaged file can be read is for its decoder to say.
    return false
  }
}
