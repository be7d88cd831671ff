// Draws an overlay (boxes, labels, outlines) on a picture, for clients that show an image.
import { DRAWING_SIDES, type DrawingForm } from '../../caption/ports.ts'
import type { RgbPixels } from './picture.ts'
import { sharp } from './sharp.ts'

/** Fast: annotated pictures are looked at once. */
const PNG_COMPRESSION_LEVEL = 3
/** Letters of labels stay sharp at it. */
const JPEG_QUALITY = 85
const WEBP_QUALITY = 82

/**
 * The picture with the overlay on it, as a file.
 *
 * @param picture upright pixels
 * @param svgOverlay an SVG document of the picture's width and height. It must come from our own
 *   code with every text escaped: SVG can refer to files, so it is never a caller's. Empty for none.
 */
export async function renderAnnotated(
  picture: RgbPixels,
  svgOverlay: string,
  form: DrawingForm = 'png',
): Promise<Uint8Array> {
  const { width, height, data } = picture
  const raw = { width, height, channels: 3 } as const
  const plain = sharp(data, { raw })
  const drawn =
    svgOverlay === ''
      ? plain
      : plain.composite([{ input: Buffer.from(svgOverlay), top: 0, left: 0 }]).removeAlpha()
  if (form === 'png') return drawn.png({ compressionLevel: PNG_COMPRESSION_LEVEL }).toBuffer()
  // sharp shrinks before it composes, so the drawing is finished first.
  const finished = svgOverlay === '' ? drawn : sharp(await drawn.raw().toBuffer(), { raw })
  const side = DRAWING_SIDES[form]
  const small = finished.resize({
    width: side,
    height: side,
    fit: 'inside',
    withoutEnlargement: true,
  })
  return form === 'preview'
    ? small.jpeg({ quality: JPEG_QUALITY }).toBuffer()
    : small.webp({ quality: WEBP_QUALITY }).toBuffer()
}
