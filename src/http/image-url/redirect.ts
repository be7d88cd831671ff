// Where a redirect leads: an image URL like any other, with the same checks.
import type { AllowedImageHosts } from './allowed-hosts.ts'
import { failed } from './failures.ts'
import { type ImageUrl, parseImageUrl } from './image-url.ts'

/**
 * @param location as the answer's header has it.
 * @param field where the first URL stands in the request, for messages.
 * @throws FlocapError as `parseImageUrl`, and failed_to_download_image for no goal and for one that gives up https.
 */
export function redirected(
  from: ImageUrl,
  location: string | undefined,
  field: string,
  allowed: AllowedImageHosts,
): ImageUrl {
  if (location === undefined || !URL.canParse(location, from.url.href)) {
    throw failed(field, 'it is redirected to nowhere')
  }
  const next = new URL(location, from.url)
  if (from.url.protocol === 'https:' && next.protocol !== 'https:') {
    throw failed(field, 'it is redirected from https to something else')
  }
  return parseImageUrl(next.href, field, allowed)
}
