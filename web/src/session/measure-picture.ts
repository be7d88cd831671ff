// The size of a picture before it is shown, so that its place is right from the beginning.
import type { Size } from './session.ts'

/** A picture that takes longer is shown without: what is below it moves once. */
const PATIENCE_MS = 1000

/**
 * @param url an object URL of the file
 * @returns undefined for what this browser cannot show.
 */
export async function measurePicture(url: string): Promise<Size | undefined> {
  return new Promise((resolve) => {
    const image = new Image()
    image.addEventListener('load', () => {
      const { naturalWidth: width, naturalHeight: height } = image
      resolve(width > 0 && height > 0 ? { width, height } : undefined)
    })
    image.addEventListener('error', () => resolve(undefined))
    setTimeout(() => resolve(undefined), PATIENCE_MS)
    image.src = url
  })
}
