// Reads a checkpoint's preprocessor_config.json, the file that says how its pictures are prepared.
//
// Fine-tunes copy the file from one another, and some change it. What is not implemented is refused
// by name: a picture prepared in another way than the model was trained on gives poor captions that
// nothing else would explain.
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import type { Normalisation } from './normalise.ts'

export interface PictureSpec extends Normalisation {
  /** The size that every picture is resized to, in pixels. */
  readonly width: number
  readonly height: number
}

const FILE_NAME = 'preprocessor_config.json'
/** PIL.Image.Resampling.BICUBIC */
const BICUBIC = 3
/** The default of CLIPImageProcessor, which files may leave out: 1 / 255 to float64's precision. */
const DEFAULT_RESCALE_FACTOR = 0.00392156862745098
/** Sides beyond are a damaged file: the vision tower would need terabytes. */
const MAX_SIDE = 4096

const side = z.int().min(1).max(MAX_SIDE)
const channels = z.tuple([z.number(), z.number(), z.number()])

const schema = z.object({
  do_resize: z.literal(true).default(true),
  resample: z.literal(BICUBIC).default(BICUBIC),
  size: z.object({ height: side, width: side }),
  // Must be there: CLIPImageProcessor crops to 224 pixels when nothing is said.
  do_center_crop: z.literal(false),
  do_rescale: z.literal(true).default(true),
  rescale_factor: z.number().positive().default(DEFAULT_RESCALE_FACTOR),
  do_normalize: z.literal(true).default(true),
  image_mean: channels,
  image_std: channels.refine((std) => std.every((value) => value > 0), 'must be above 0'),
  do_pad: z.literal(false).nullish(),
})

/**
 * The specification in a parsed preprocessor_config.json. Fields about anything but pixels are not
 * looked at.
 *
 * @throws FlocapError `invalid_model` that names the field
 */
export function parsePreprocessorConfig(json: unknown): PictureSpec {
  const result = schema.safeParse(json)
  if (!result.success) {
    const [issue] = result.error.issues
    const field = issue?.path.join('.') || 'the whole file'
    throw new FlocapError(
      'invalid_model',
      `Expected ${FILE_NAME} to describe a preparation that FloCap implements, but ${field} does ` +
        `not fit: ${issue?.message ?? 'unknown'}.`,
      {
        subject: `${FILE_NAME}: ${field}`,
        hint: 'Pictures must be resized bicubically to a fixed size, rescaled and normalised, never cropped.',
        cause: result.error,
      },
    )
  }
  const { size, rescale_factor: rescaleFactor, image_mean: mean, image_std: std } = result.data
  return { width: size.width, height: size.height, rescaleFactor, mean, std }
}
