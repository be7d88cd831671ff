// Pictures with what was found drawn on them, looked at as the settings say.
import type { PictureView } from '../caption/ports.ts'
import type { Settings } from '../config/settings.ts'
import type { SupervisedEngine } from '../engine/pool.ts'

export interface Drawing {
  /** A PNG of the picture's own size. `view` is what a request asks for instead of the usual. */
  readonly png: (
    picture: Uint8Array,
    overlay: string,
    view?: Partial<PictureView>,
  ) => Promise<Uint8Array>
  /** A JPEG for a quick look. */
  readonly preview: (picture: Uint8Array, overlay: string) => Promise<Uint8Array>
}

export function createDrawing(
  engine: Pick<SupervisedEngine, 'draw'>,
  { background }: Pick<Settings, 'background'>,
): Drawing {
  const usual: PictureView = { applyOrientation: true, background }
  return {
    png: async (picture, overlay, view) => engine.draw(picture, overlay, { ...usual, ...view }),
    preview: async (picture, overlay) => engine.draw(picture, overlay, usual, 'preview'),
  }
}
