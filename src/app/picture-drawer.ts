// Small pictures for people who look through many, drawn in a process without a model: a hostile picture
// may end that process, and no other.
import { DEFAULT_MAX_MEGAPIXELS, PIXELS_PER_MEGAPIXEL } from '../base/picture-limits.ts'
import type { DrawingForm } from '../caption/ports.ts'
import { Engine } from '../engine/supervisor.ts'
import { createLogger } from './log.ts'
import { MS_PER_SECOND } from './units.ts'

/** After the last picture: the memory of the process goes back to the system. */
const IDLE_MS = 60 * MS_PER_SECOND

export interface PictureDrawer {
  /**
   * The picture upright, on white where it is transparent.
   * @throws FlocapError for bytes that are no picture.
   */
  draw(picture: Uint8Array, form: Exclude<DrawingForm, 'png'>): Promise<Uint8Array>
  close(): Promise<void>
}

export function openPictureDrawer(logger = createLogger({ level: 'warn' })): PictureDrawer {
  const engine = new Engine({
    load: { maxPixels: DEFAULT_MAX_MEGAPIXELS * PIXELS_PER_MEGAPIXEL },
    log: logger,
    idleMs: IDLE_MS,
  })
  return {
    async draw(picture, form) {
      await engine.ready()
      return engine.draw(picture, '', { applyOrientation: true, background: 'white' }, form)
    },
    close: async () => engine.close(),
  }
}
