// Small picture files in the formats that clients send. Captioners in these tests look only at the
// signature; decoding is tested where it is done.
import { readSample } from './samples.ts'

/** A real one. */
export const PNG = readSample('scene-00.png')

function signed(signature: string): Buffer {
  return Buffer.concat([Buffer.from(signature, 'latin1'), Buffer.alloc(64, 7)])
}

/** One of each type that SillyTavern's Extras mode sends without converting it. */
export const PICTURES: Readonly<Record<string, Buffer>> = {
  jpeg: signed('\u00ff\u00d8\u00ff\u00e0'),
  png: PNG,
  bmp: signed('BM'),
  tiff: signed('II*\0'),
  gif: signed('GIF89a'),
  apng: signed('\u0089PNG\r\n\u001a\n'),
  webp: signed('RIFF\0\0\0\0WEBP'),
  avif: signed('\0\0\0\u001cftypavif'),
}

export const PNG_BASE64 = PNG.toString('base64')
export const PNG_DATA_URL = `data:image/png;base64,${PNG_BASE64}`
