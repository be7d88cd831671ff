// What a caller is told when the image at a URL does not arrive.
import { FlocapError } from '../../base/errors.ts'
import { CERTIFICATE_HINT, isCertificateCode, systemCode } from '../../base/system-errors.ts'
import { TunnelRefused } from './tunnel.ts'

/** A download that did not give a picture, for a reason that may be gone soon. @param why completes the sentence. */
export function failed(
  field: string,
  why: string,
  cause?: unknown,
  hint = 'Try again later, or send the image itself as a data URL.',
): FlocapError {
  return new FlocapError(
    'failed_to_download_image',
    `The image at the URL in '${field}' could not be downloaded: ${why}.`,
    { hint, subject: field, ...(cause === undefined ? {} : { cause }) },
  )
}

/** A connection that failed or broke, whoever's fault it was. */
export function unreached(field: string, error: unknown): FlocapError {
  const code = systemCode(error) ?? ''
  return isCertificateCode(code)
    ? failed(
        field,
        `the certificate of its server cannot be checked (${code})`,
        error,
        CERTIFICATE_HINT,
      )
    : failed(field, 'its server cannot be reached or broke off', error)
}

/** @param proxyMightKnow there is a proxy, and names are not looked up by it. */
export function nameUnknown(
  field: string,
  host: string,
  proxyMightKnow: boolean,
  cause: unknown,
): FlocapError {
  return failed(
    field,
    `the host name ${host} cannot be resolved on the machine of FloCap`,
    cause,
    proxyMightKnow
      ? 'Where only the proxy can look up names, start FloCap with --proxy-resolves; otherwise check the name.'
      : 'Check the name, or send the image itself as a data URL.',
  )
}

/**
 * The proxy's address, which may hold a password, is not said; the setting that has it is.
 *
 * @param error TunnelRefused, or whatever kept the proxy from answering.
 */
export function proxyFailed(field: string, setting: string, error: unknown): FlocapError {
  if (!(error instanceof TunnelRefused)) {
    return failed(field, `the proxy of ${setting} cannot be reached`, error, PROXY_HINT)
  }
  const { status } = error
  const answer = `the proxy of ${setting} answered with status ${status}`
  if (status === 407) {
    return failed(
      field,
      answer,
      error,
      `Put the user name and password that it wants into ${setting}: http://user:password@host:port`,
    )
  }
  return failed(field, answer, error, PROXY_HINT)
}

const PROXY_HINT =
  'Look at the proxy, name hosts that are reached without it in NO_PROXY, or send the image itself as a data URL.'

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
