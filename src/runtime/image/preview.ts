// A picture for people to look at: small enough to be sent, whatever its format.
import { decodePicture } from './decode/decode.ts'
import { sharp } from './sharp.ts'

const WEBP_QUALITY = 82

/**
 * WebP of the upright picture, at most `side` pixels on its longer side.
 *
 * @throws FlocapError as `decodePicture` does.
 */
export async function renderPreview(bytes: Uint8Array, side: number): Promise<Uint8Array> {
  const picture = await decodePicture(bytes, { applyOrientation: true, background: 'white' })
  const { width, height, data } = picture
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: WEBP_QUALITY })
    .toBuffer()
}
