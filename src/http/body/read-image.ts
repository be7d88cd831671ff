// A picture as a request names it, to bytes: decoded where it is, fetched where it is elsewhere.
import { readImageText } from './image-input.ts'
import { fetchesImages } from '../image-url/allowed-hosts.ts'
import { createImageFetcher, type FetchHooks } from '../image-url/fetch-image.ts'
import { isWebAddress } from '../image-url/image-url.ts'
import { prepareDigest } from '../../caption/picture-digest.ts'
import type { LongTexts } from './long-texts.ts'
import type { SurfaceServices } from '../surface.ts'

/**
 * @param source base64, a data URL or, where the settings allow it, a web address.
 * @param field where it stands in the request, for messages.
 * @throws FlocapError what `readImageText` and `createImageFetcher` say.
 */
export type ReadImage = (source: string, field: string) => Promise<Uint8Array>

export interface ImageHooks extends FetchHooks {
  readonly longTexts: LongTexts
}

/** One for all requests, so that fetches are counted together; `hooks` are those of one request. */
export function createImageReader({
  settings,
  resolve,
}: Pick<SurfaceServices, 'settings' | 'resolve'>): (hooks: ImageHooks) => ReadImage {
  const { imageHosts: allowed, imageProxies: proxies } = settings
  const fetches = fetchesImages(allowed)
  const fetchImage = createImageFetcher({
    allowed,
    proxies,
    ...(resolve === undefined ? {} : { resolve }),
  })
  return (hooks) => async (source, field) => {
    const picture =
      fetches && isWebAddress(source)
        ? await fetchImage(source, field, hooks)
        : await readImageText(source, field, hooks.longTexts)
    await prepareDigest(picture)
    return picture
  }
}
