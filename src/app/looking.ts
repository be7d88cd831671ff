// Pictures in small, by which chats tell whether neighbours are alike: decoded by the engine in their
// turn among the requests, and kept, as a camera sends the frames before once more.
import { createByteLru } from '../base/byte-lru.ts'
import { FlocapError } from '../base/errors.ts'
import type { AdmittingCaptioner } from '../caption/admission.ts'
import { digestPicture } from '../caption/picture-digest.ts'
import type { PictureLook, VisionModel } from '../caption/ports.ts'
import type { Settings } from '../config/settings.ts'
import { currentSender } from '../http/request-client.ts'
import type { Look } from '../http/surface.ts'

/** Of some eighty pictures. */
const MAX_LOOK_BYTES = 8 * 1024 * 1024

export function createLook(
  model: Pick<VisionModel, 'look'>,
  queue: Pick<AdmittingCaptioner, 'admit'>,
  { background }: Pick<Settings, 'background'>,
): Look {
  const looks = createByteLru<PictureLook>(MAX_LOOK_BYTES, (_, { cells }) => cells.length)
  return async (pictures, signal) => {
    const asked = pictures.map((picture) => ({ picture, digest: digestPicture(picture) }))
    const known = asked.map(({ digest }) => looks.get(digest))
    const unknown = asked.filter((_, index) => known[index] === undefined)
    const bytes = unknown.reduce((sum, { picture }) => sum + picture.byteLength, 0)
    const lookAtUnknown = async (given: AbortSignal): Promise<PictureLook[]> => {
      const found: PictureLook[] = []
      for (const { picture, digest } of unknown) {
        if (given.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
        const look = await model.look({ picture, applyOrientation: true, background })
        looks.set(digest, look)
        found.push(look)
      }
      return found
    }
    const hooks = { signal, ...currentSender() }
    const found = unknown.length === 0 ? [] : await queue.admit(bytes, hooks, lookAtUnknown)
    let next = 0
    return known.map((look) => look ?? found[next++]!)
  }
}
