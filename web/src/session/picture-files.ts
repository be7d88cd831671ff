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

export interface SortedFiles {
  readonly pictures: readonly NamedFile[]
  /** Why each other file is left out, in a sentence. */
  readonly refusals: readonly string[]
}

/**
 * Whatever claims to be no picture, or has no bytes, is left out and said so; files without a type are
 * kept, because the server looks at the bytes and says what is wrong with them.
 */
export function sortFiles(files: Iterable<File>): SortedFiles {
  const judged = [...files].map((file) => ({ file, refusal: refusalOf(file) }))
  return {
    pictures: judged
      .filter(({ refusal }) => refusal === undefined)
      .map(({ file }) => ({ name: file.name || PASTED_NAME, file })),
    refusals: judged.flatMap(({ refusal }) => refusal ?? []),
  }
}

function refusalOf({ name, type, size }: File): string | undefined {
  if (type !== '' && !type.startsWith('image/')) {
    return type === 'application/pdf'
      ? `${name} is a PDF, not a picture. Save its pages as pictures and add those.`
      : `${name} is no picture: its type is ${type}.`
  }
  // Browsers hand over a dropped folder as a file without bytes too.
  return size === 0 ? `${name} is empty, or a folder: choose the pictures in it.` : undefined
}

/** What is said of a drop that brings no file at all. */
export const NO_FILE =
  'That was a link or a text, not a picture file. Save the picture and add the file, or copy the picture itself and paste it here.'
