// `--embed`: the texts of an XMP file, in the picture itself. What it shows stays byte for byte, because
// ExifTool copies it; with `--out` a copy gets the texts, and the picture stays as it is.
import { join, resolve } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import type { ExifTool } from '../embed/exiftool.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { BesideFormat } from './format.ts'
import { toXmpTexts } from './xmp.ts'

const EMBED_ID = 'embed'

export function createEmbedFormat(exifTool: ExifTool): BesideFormat {
  return {
    kind: 'beside',
    id: EMBED_ID,
    fileOf: ({ output, name }) => join(output, name),
    async stateOf(content) {
      const { alt, description } = await exifTool.read(content)
      return alt === undefined && description === undefined ? 'open' : 'captioned'
    },
    async render(captioned, before) {
      const texts = toXmpTexts(captioned)
      if (texts === undefined) return undefined
      const { picture } = captioned
      const bytes = await picture.read()
      if (isPictureItself(picture, join(picture.output, picture.name))) assertSame(bytes, before)
      return exifTool.write(bytes, texts)
    },
  }
}

/** Whether a file that is written is the very picture that was read. */
export function isPictureItself({ path }: Pick<PictureFile, 'path'>, file: string): boolean {
  return path !== undefined && resolve(path) === resolve(file)
}

/** Of all that is written only pictures cannot be made again. */
function assertSame(bytes: Uint8Array, planned: Uint8Array | undefined): void {
  if (planned !== undefined && Buffer.compare(bytes, planned) === 0) return
  throw new FlocapError('file_not_written', 'The picture changed while it was captioned.', {
    hint: 'It was left as it is: give the same command again.',
  })
}
