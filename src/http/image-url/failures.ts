// What a caller is told when the image at a URL does not arrive.
import { FlocapError } from '../../base/errors.ts'

/** A download that did not give a picture, for a reason that may be gone soon. @param why completes the sentence. */
export function failed(field: string, why: string, cause?: unknown): FlocapError {
  return new FlocapError(
    'failed_to_download_image',
    `The image at the URL in '${field}' could not be downloaded: ${why}.`,
    {
      hint: 'Try again later, or send the image itself as a data URL.',
      subject: field,
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

export function tooSlow(field: string, ms: number): FlocapError {
  return new FlocapError(
    'image_download_timeout',
    `The image at the URL in '${field}' did not arrive within ${ms / 1000} seconds.`,
    { hint: 'Try again later, or send the image itself as a data URL.', subject: field },
  )
}

export function tooLarge(field: string, maxBytes: number): FlocapError {
  return new FlocapError(
    'image_file_too_large',
    `The file at the image URL in '${field}' has more than ${maxBytes} bytes.`,
    { hint: 'Use a smaller copy of the picture.', subject: field },
  )
}
