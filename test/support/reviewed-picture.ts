// A picture as the API of a review describes it, for tests of its page.
import type { ReviewedPicture } from '../../src/http/surfaces/review/schema.ts'

export function reviewedPicture(
  name: string,
  more: Partial<ReviewedPicture> = {},
): ReviewedPicture {
  return {
    name,
    caption: `about ${name}`,
    file: `${name}.txt`,
    readOnly: null,
    confidence: 0.9,
    failure: null,
    edited: false,
    lock: 'open',
    sha256: name,
    stamp: '',
    ...more,
  }
}
