// Draws an overlay (boxes, labels, outlines) on a picture, for clients that show an image.
import type { RgbPixels } from './picture.ts'
import { sharp } from './sharp.ts'

/** Fast: annotated pictures are looked at once. */
const PNG_COMPRESSION_LEVEL = 3

/**
 * The picture with the overlay on it, as a PNG file.
 *
 * @param picture upright pixels
 * @param svgOverlay an SVG document of the picture's width and height. It must come from our own
 *   code with every text escaped: SVG can refer to files, so it is never a caller's.
 */
export async function renderAnnotatedPng(
  picture: RgbPixels,
  svgOverlay: string,
): Promise<Uint8Array> {
  const { width, height, data } = picture
  return sharp(data, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svgOverlay), top: 0, left: 0 }])
    .removeAlpha()
    .png({ compressionLevel: PNG_COMPRESSION_LEVEL })
    .toBuffer()
}
