// `--draw`: the picture with what was found drawn on it, as PNG or SVG.
import { extname, resolve } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import { replaceFile } from '../../base/replace-file.ts'
import { renderOverlay } from '../../caption/overlay.ts'
import type { AnsweredPicture } from '../../folders/ask/answer-questions.ts'
import { isDrawable, type Question } from '../../folders/ask/questions.ts'

/** The picture as it was looked at with an SVG document of its size on it, as a PNG file. */
export type DrawPng = (picture: Uint8Array, overlay: string) => Promise<Uint8Array>

/**
 * @throws FlocapError `invalid_request` when the command line asks for a drawing that cannot be.
 */
export function assertDrawing(
  file: string,
  pictures: readonly string[],
  questions: readonly Question[],
): void {
  if (!['.png', '.svg'].includes(extname(file).toLowerCase())) {
    throw cannotDraw('A drawing is a PNG or SVG file.', 'Give a name that ends in .png or .svg.')
  }
  if (pictures.length !== 1) {
    throw cannotDraw(`--draw takes one picture, got ${pictures.length}.`, 'Name one file.')
  }
  if (pictures.some((picture) => resolve(picture) === resolve(file))) {
    throw cannotDraw('The drawing would replace the picture itself.', 'Give another name.')
  }
  if (!questions.some(isDrawable)) {
    throw cannotDraw(
      'There is nothing to draw: the answer is plain text.',
      'Tasks such as od, ocr_with_region or caption+grounding find places.',
    )
  }
}

/**
 * Draws the answers that have places, one over the other. An SVG file contains the picture.
 */
export async function writeDrawing(
  file: string,
  picture: Uint8Array,
  { answers, ...size }: AnsweredPicture,
  drawPng: DrawPng,
): Promise<void> {
  const found = answers.map(({ data }) => data)
  if (extname(file).toLowerCase() !== '.svg') {
    return replaceFile(file, await drawPng(picture, renderOverlay(found, size)))
  }
  // As PNG, because not everything that shows SVG reads TIFF or turns pictures upright.
  const upright = await drawPng(picture, renderOverlay([], size))
  const pictureHref = `data:image/png;base64,${Buffer.from(upright).toString('base64')}`
  return replaceFile(file, renderOverlay(found, size, { pictureHref }))
}

function cannotDraw(message: string, hint: string): FlocapError {
  return new FlocapError('invalid_request', message, { subject: '--draw', hint })
}
