// How a request wants its pictures looked at.
import { parseBackground } from '../../../base/background.ts'
import { FlocapError } from '../../../base/errors.ts'
import type { PictureView } from '../../../caption/ports.ts'
import type { NativeRequest } from './schema.ts'

/** @throws FlocapError `invalid_request` for a background that is none. */
export function toView({
  apply_orientation: applyOrientation,
  background,
}: Pick<NativeRequest, 'apply_orientation' | 'background'>): Partial<PictureView> {
  return {
    ...(applyOrientation === undefined ? {} : { applyOrientation }),
    ...(background === undefined ? {} : { background: toBackground(background) }),
  }
}

function toBackground(text: string): NonNullable<PictureView['background']> {
  try {
    return parseBackground(text)
  } catch (error) {
    const expected = error instanceof Error ? error.message : String(error)
    throw new FlocapError(
      'invalid_request',
      `Expected ${expected} for background, got '${text.slice(0, 40)}'.`,
      { subject: 'background' },
    )
  }
}
