// Draws an overlay (boxes, labels, outlines) on a picture, for clients that show an image.
import { FlocapError } from '../../base/errors.ts'
import { DRAWING_SIDES, type DrawingForm } from '../../caption/ports.ts'
import type { RgbPixels } from './picture.ts'
import { sharp } from './sharp.ts'

/** Fast: annotated pictures are looked at once. */
const PNG_COMPRESSION_LEVEL = 3
/** Letters of labels stay sharp at it. */
const JPEG_QUALITY = 85
const WEBP_QUALITY = 82

/** As our own code writes it; librsvg changes sizes that it finds too large. */
const SIZE_OF_OVERLAY = /^<svg [^>]*\bwidth="(\d+)" height="(\d+)"/

/**
 * The picture with the overlay on it, as a file.
 *
 * @param picture upright pixels
 * @param svgOverlay an SVG document of the picture's width and height. It must come from our own
 *   code with every text escaped: SVG can refer to files, so it is never a caller's. Empty for none.
 * @throws FlocapError `invalid_request` where it has another size: what it shows is about another picture.
 */
export async function renderAnnotated(
  picture: RgbPixels,
  svgOverlay: string,
  form: DrawingForm = 'png',
): Promise<Uint8Array> {
  const { width, height, data } = picture
  if (svgOverlay !== '') assertSameSize(svgOverlay, picture)
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

/** Before it is drawn: of a size that a caller says, it could be larger than memory. */
function assertSameSize(svgOverlay: string, { width, height }: RgbPixels): void {
  const [, ...size] = SIZE_OF_OVERLAY.exec(svgOverlay) ?? []
  if (Number(size[0]) === width && Number(size[1]) === height) return
  throw new FlocapError(
    'invalid_request',
    `Expected answers about a picture of ${width} x ${height} pixels, got ${size.join(' x ')}.`,
    { hint: 'Draw answers on the picture that they are about.' },
  )
}
