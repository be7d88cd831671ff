// Pictures out of what a browser hands over: a file dialog, a drop, a paste.
import type { NamedFile } from '../server/server.ts'

/** What the clipboard holds when a picture was copied from a program rather than as a file. */
const PASTED_NAME = 'image.png'

/**
 * What file dialogs offer. Most systems know no type for the endings after the first, and a dialog that
 * asks for pictures alone would hide such files.
 */
export const ACCEPTED_FILES =
  'image/*,.heic,.heif,.hif,.jxl,.avif,.ico,.cur,.tga,.pbm,.pgm,.ppm,.pnm,.qoi'

/**
 * Whatever claims to be no picture is left out; files without a type are kept, because the server
 * looks at the bytes and says what is wrong with them.
 */
export function pictureFiles(files: Iterable<File> | undefined): readonly NamedFile[] {
  return [...(files ?? [])]
    .filter(({ type }) => type === '' || type.startsWith('image/'))
    .map((file) => ({ name: file.name || PASTED_NAME, file }))
}
