// Pictures with what was found drawn on them, looked at as the settings say. A drawing holds a whole
// picture as pixels, so only a few are made at a time, and what waits is bounded.
import { FlocapError } from '../base/errors.ts'
import type { Drawing } from '../caption/draw-findings.ts'
import type { DrawingForm, PictureView } from '../caption/ports.ts'
import type { Settings } from '../config/settings.ts'
import type { SupervisedEngine } from '../engine/pool.ts'
import { createSemaphore } from '../runtime/schedule/semaphore.ts'

/** Of each engine: one is drawn while the next is decoded. */
const DRAWINGS_AT_ONCE = 2

export function createDrawing(
  engine: Pick<SupervisedEngine, 'draw'>,
  { background, engines, maxQueue }: Pick<Settings, 'background' | 'engines' | 'maxQueue'>,
): Drawing {
  const usual: PictureView = { applyOrientation: true, background }
  const atOnce = engines * DRAWINGS_AT_ONCE
  const places = createSemaphore(atOnce)
  let pending = 0

  async function draw(
    picture: Uint8Array,
    overlay: string,
    view: Partial<PictureView> | undefined,
    form: DrawingForm,
  ): Promise<Uint8Array> {
    if (pending >= atOnce + maxQueue) {
      throw new FlocapError('queue_full', `Too many drawings are waiting: ${maxQueue}.`, {
        hint: 'Send this request again later, or send fewer at a time.',
      })
    }
    pending += 1
    try {
      return await places.run(async () =>
        engine.draw(picture, overlay, { ...usual, ...view }, form),
      )
    } finally {
      pending -= 1
    }
  }

  return {
    png: async (picture, overlay, view) => draw(picture, overlay, view, 'png'),
    preview: async (picture, overlay, view) => draw(picture, overlay, view, 'preview'),
  }
}
