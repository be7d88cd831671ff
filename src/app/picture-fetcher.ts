// Pictures by web address for a program that asks for them itself: through the same checks as those that
// clients of a server name.
import { FlocapError } from '../base/errors.ts'
import type { Settings } from '../config/settings.ts'
import { parseImageHosts } from '../http/image-url/allowed-hosts.ts'
import { createImageFetcher, type ImageProxies } from '../http/image-url/fetch-image.ts'
import { toImageProxies } from './http-settings.ts'

/** What the settings of a server would allow. */
const OWN_HINT: ReadonlySet<string> = new Set(['image_url_not_allowed', 'image_address_refused'])

/** The program's calls are limited by its captioner: what they hold is not counted again. */
const UNCOUNTED = { take: () => undefined }

/**
 * Public hosts, on the ports of their schemes, and those of FLOCAP_ALLOW_IMAGE_URLS: an address that
 * comes from a program's users reaches nothing in its own network.
 */
export function createPictureFetcher(
  settings: Pick<Settings, 'allowImageUrls' | 'offline' | keyof ImageProxies>,
): (url: URL, signal: AbortSignal) => Promise<Uint8Array> {
  const fetchImage = createImageFetcher({
    allowed: parseImageHosts(['*', ...settings.allowImageUrls]),
    proxies: toImageProxies(settings),
    maxAtOnce: Infinity,
  })
  return async (url, signal) => {
    if (settings.offline) {
      throw new FlocapError('image_url_not_allowed', 'Offline, no picture is fetched.', {
        subject: 'picture',
        hint: 'Fetch it yourself and pass its bytes, or leave offline out.',
      })
    }
    try {
      return await fetchImage(url.href, 'picture', { signal, share: UNCOUNTED })
    } catch (error) {
      if (!(error instanceof FlocapError) || !OWN_HINT.has(error.code)) throw error
      throw new FlocapError(error.code, error.message, {
        subject: 'picture',
        hint: 'Fetch it yourself and pass its bytes, or list the host in FLOCAP_ALLOW_IMAGE_URLS.',
        cause: error,
      })
    }
  }
}
