// A picture as a request names it, to bytes: decoded where it is, fetched where it is elsewhere.
import { readImageText } from './image-input.ts'
import { fetchesImages } from '../image-url/allowed-hosts.ts'
import { createImageFetcher, type FetchHooks } from '../image-url/fetch-image.ts'
import { readStoredFile, storedFileOf } from './stored-file.ts'
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
  /** Whose stored files can be named. */
  readonly owner: () => string
}

/** One for all requests, so that fetches are counted together; `hooks` are those of one request. */
export function createImageReader({
  settings,
  resolve,
  batches,
}: Pick<SurfaceServices, 'settings' | 'resolve' | 'batches'>): (hooks: ImageHooks) => ReadImage {
  const { imageHosts: allowed, imageProxies: proxies } = settings
  const fetches = fetchesImages(allowed)
  const fetchImage = createImageFetcher({
    allowed,
    proxies,
    ...(resolve === undefined ? {} : { resolve }),
  })
  return (hooks) => async (source, field) => {
    const picture = await read(source, field, hooks)
    await prepareDigest(picture)
    return picture
  }

  async function read(source: string, field: string, hooks: ImageHooks): Promise<Uint8Array> {
    const stored = storedFileOf(source)
    if (stored !== undefined) {
      return readStoredFile(stored, field, { ...hooks, batches, maxBytes: settings.maxBodyBytes })
    }
    return fetches && isWebAddress(source)
      ? fetchImage(source, field, hooks)
      : readImageText(source, field, hooks.longTexts)
  }
}
