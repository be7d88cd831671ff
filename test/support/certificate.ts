// A certificate that its own key signs, as servers of private networks have them.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export interface CertificatePaths {
  readonly key: string
  readonly certificate: string
}

/** @returns paths in `folder`; undefined where openssl is not at hand */
export function makeCertificate(folder: string, host: string): CertificatePaths | undefined {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const kind = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${host}`]
  const names = ['-addext', `subjectAltName=DNS:${host}`]
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', certificate],
      { stdio: 'ignore' },
    )
    return { key, certificate }
  } catch {
    return undefined
  }
}
