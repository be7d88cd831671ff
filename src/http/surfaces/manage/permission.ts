// Who may pull and switch models: nobody from another site, and nobody unknown from another machine.
//
// Captions may be open to more than that. A download takes gigabytes of the disk, and a switch changes the
// answers of everybody.
import { FlocapError } from '../../../base/errors.ts'
import { quoteForeign } from '../../guards/quote.ts'
import type { HttpContext } from '../../surface.ts'
import type { HttpSettings } from '../../settings.ts'

/** Why the sender of this request may not; undefined where it may. */
export function whyForbidden(
  context: HttpContext,
  { apiKeys, manageModels }: Pick<HttpSettings, 'apiKeys' | 'manageModels'>,
): string | undefined {
  if (manageModels === 'never') {
    return 'This server was started with --manage-models never.'
  }
  const { req } = context
  const origin = req.header('origin')
  // Stricter than for captions, which pages of this machine's other ports may ask for too.
  if (origin !== undefined && !isOwnPage(origin, req.header('host'))) {
    return `Models are managed by FloCap's own page, not by one of ${quoteForeign(origin)}.`
  }
  const site = req.header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return "Models are managed by FloCap's own page, not by one of another site."
  }
  const { isLocal, hasKey } = context.get('standing')
  if (isLocal) return undefined
  if (manageModels === 'local') {
    return 'Models are managed on the machine that FloCap runs on. To manage them from elsewhere with an API key, start FloCap with --manage-models key.'
  }
  if (hasKey) return undefined
  return apiKeys.length === 0
    ? 'Managing models from another machine needs an API key, and this server has none: start it with --api-key.'
    : 'Managing models from another machine needs an API key.'
}

/** @throws FlocapError models_forbidden. */
export function assertMayManage(context: HttpContext, settings: HttpSettings): void {
  const reason = whyForbidden(context, settings)
  if (reason !== undefined) throw new FlocapError('models_forbidden', reason)
}

/** The page that this very address serves, behind a proxy that speaks TLS too. */
function isOwnPage(origin: string, host: string | undefined): boolean {
  const authority = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]
  return authority !== undefined && authority.toLowerCase() === host?.toLowerCase()
}
