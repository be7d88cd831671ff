// Whether a picture fits into a request. A server that refuses a body in the middle closes the
// connection, and a browser then knows nothing but that it broke off: so the size is looked at before.
import { base64Length } from '../server/base64.ts'
import { Problem } from '../server/problem.ts'

/** What a request has around the picture: far more than tasks and a text need. */
const ENVELOPE_BYTES = 64 * 1024

const BYTES_PER_MB = 1024 * 1024

/** @throws Problem `body_too_large` */
export function assertFits({ size }: Blob, maxBodyBytes = Infinity): void {
  if (base64Length(size) + ENVELOPE_BYTES <= maxBodyBytes) return
  const [has, may] = [base64Length(size), maxBodyBytes].map((bytes) =>
    Math.ceil(bytes / BYTES_PER_MB),
  )
  throw new Problem(
    'body_too_large',
    `This picture makes a request of ${has} MB; the server takes ${may} MB.`,
    { hint: 'Make the picture smaller, or start FloCap with a larger --max-body-mb.' },
  )
}
