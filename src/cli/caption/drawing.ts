// `--draw`: the picture with what was found drawn on it, as PNG or SVG.
import { extname, resolve } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import { replaceFile } from '../../base/replace-file.ts'
import type { Draw } from '../../caption/draw-findings.ts'
import type { AnsweredPicture } from '../../folders/ask/answer-questions.ts'
import { isDrawable, type Question } from '../../folders/ask/questions.ts'

/**
 * @throws FlocapError `invalid_request` when the command line asks for a drawing that cannot be.
 */
export function assertDrawing(
  file: string,
  pictures: readonly string[],
  questions: readonly Question[],
): void {
  if (!['.png', '.svg'].includes(extname(file).toLowerCase())) {
    throw cannotDraw(
      `Expected a PNG or SVG file for --draw, got ${JSON.stringify(file)}.`,
      'Give a name that ends in .png or .svg.',
    )
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
  draw: Draw,
): Promise<void> {
  const found = { data: answers.map(({ data }) => data), size }
  const format = extname(file).toLowerCase() === '.svg' ? 'svg' : 'png'
  return replaceFile(file, await draw(format, picture, found))
}

function cannotDraw(message: string, hint: string): FlocapError {
  return new FlocapError('invalid_request', message, { subject: '--draw', hint })
}
