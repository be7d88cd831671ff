// How pictures are prepared for a model: the part of the manifest that the compiler reads from the
// checkpoint's processor and the runtime follows.
import { z } from 'zod'

/** PIL.Image.Resampling, all of it. */
export const RESAMPLE_FILTERS = {
  nearest: 0,
  lanczos: 1,
  bilinear: 2,
  bicubic: 3,
  box: 4,
  hamming: 5,
} as const
export type ResampleFilter = (typeof RESAMPLE_FILTERS)[keyof typeof RESAMPLE_FILTERS]

const side = z.number().int().positive()
const channels = z.tuple([z.number(), z.number(), z.number()])

export const picturePreparationSchema = z.object({
  /** What the model sees, in pixels: the middle of the resized picture. */
  width: side,
  height: side,
  /** What a picture is resized to: exactly this, or its shorter edge and the other in proportion. */
  resize: z.union([z.object({ height: side, width: side }), z.object({ shortestEdge: side })]),
  resample: z.enum(RESAMPLE_FILTERS),
  rescaleFactor: z.number().positive(),
  /** One number a channel: red, green, blue. */
  mean: channels,
  std: channels,
})

export type PicturePreparation = z.infer<typeof picturePreparationSchema>
