// How a checkpoint wants its pictures prepared: preprocessor_config.json, or since transformers 5 the
// `image_processor` inside processor_config.json, which then counts alone.
//
// Fields that are left out have the defaults of `CLIPImageProcessor`, which every Florence-2 names.
// What is not implemented is refused by name: a picture prepared in another way than the model was
// trained on gives poor captions that nothing else would explain.
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import { invalidField, parseModelFields } from '../base/model-fields.ts'
import { type PicturePreparation, RESAMPLE_FILTERS } from '../compiled/picture.ts'
import { PREPROCESSOR_FILE, PROCESSOR_FILE } from '../weights/model-files.ts'

/** Exactly what `CLIPImageProcessor` writes for 1 / 255. */
const DEFAULT_RESCALE_FACTOR = 0.00392156862745098
const DEFAULT_RESAMPLE = 3
const DEFAULT_EDGE = 224
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const
/** Sides beyond are a damaged file: the vision tower would need terabytes. */
const MAX_SIDE = 4096
/** The most that a channel is scaled or moved by; pictures have 0 to 255. */
const MAX_CHANNEL_VALUE = 1e6

const side = z.int().min(1).max(MAX_SIDE)
const channelValue = z.number().min(-MAX_CHANNEL_VALUE).max(MAX_CHANNEL_VALUE)
const deviation = z.number().positive().max(MAX_CHANNEL_VALUE)

/** One number stands for all three channels. */
function channels(value: z.ZodNumber) {
  return z
    .union([z.tuple([value, value, value]), value])
    .transform((given) =>
      typeof given === 'number' ? ([given, given, given] as const) : ([...given] as const),
    )
}

const boxSchema = z.object({ height: side, width: side })
const squareSchema = side.transform((edge) => ({ height: edge, width: edge }))
const pairSchema = z.tuple([side, side]).transform(([height, width]) => ({ height, width }))
const edgeSchema = z.object({ shortest_edge: side })

const schema = z.object({
  image_processor_type: z
    .enum([
      'CLIPImageProcessor',
      'CLIPImageProcessorFast',
      'CLIPImageProcessorPil',
      'CLIPFeatureExtractor',
    ])
    .nullish(),
  do_resize: z.literal(true).nullish(),
  resample: z.enum(RESAMPLE_FILTERS).nullish(),
  // A number is the shortest edge: CLIPImageProcessor does not make squares of it.
  size: z
    .union([boxSchema, pairSchema, edgeSchema, side.transform((edge) => ({ shortest_edge: edge }))])
    .nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: z.union([boxSchema, pairSchema, squareSchema]).nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().max(MAX_CHANNEL_VALUE).nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: channels(channelValue).nullish(),
  image_std: channels(deviation).nullish(),
  do_pad: z.literal(false).nullish(),
})

/** The parsed files of a checkpoint; undefined for one that it does not have. */
export interface PreparationFiles {
  readonly preprocessor?: unknown
  readonly processor?: unknown
}

const nestedSchema = z.looseObject({ image_processor: z.record(z.string(), z.unknown()) })

/**
 * Fields about anything but pixels are not looked at.
 *
 * @throws FlocapError `invalid_model` that names the file and the field
 */
export function parsePicturePreparation(files: PreparationFiles): PicturePreparation {
  const nested = nestedSchema.safeParse(files.processor)
  if (nested.success) return parse(nested.data.image_processor, PROCESSOR_FILE, ['image_processor'])
  if (files.preprocessor !== undefined) return parse(files.preprocessor, PREPROCESSOR_FILE, [])
  throw new FlocapError(
    'invalid_model',
    `The model has no ${PREPROCESSOR_FILE}, and no image_processor in ${PROCESSOR_FILE}.`,
    {
      subject: PREPROCESSOR_FILE,
      hint: "Put the file of the model that it was tuned from into the folder: Microsoft's own serves.",
    },
  )
}

function parse(json: unknown, file: string, path: readonly string[]): PicturePreparation {
  const fields = parseModelFields(schema, json, { file, path })
  const size = fields.size ?? { shortest_edge: DEFAULT_EDGE }
  const crop =
    (fields.do_center_crop ?? true)
      ? (fields.crop_size ?? { height: DEFAULT_EDGE, width: DEFAULT_EDGE })
      : null
  if ('shortest_edge' in size && crop === null) {
    throw invalidField(
      file,
      [...path, 'size'].join('.'),
      'a height and a width (or do_center_crop)',
      size,
      { hint: 'Every picture must come out with the same size.' },
    )
  }
  const seen = crop ?? size
  if (!('height' in seen) || seen.height !== seen.width) {
    const field = [...path, crop === null ? 'size' : 'crop_size'].join('.')
    throw invalidField(file, field, 'a square', seen)
  }
  const normalise = fields.do_normalize ?? true
  return {
    width: seen.width,
    height: seen.height,
    resize: 'shortest_edge' in size ? { shortestEdge: size.shortest_edge } : size,
    resample: fields.resample ?? DEFAULT_RESAMPLE,
    rescaleFactor:
      (fields.do_rescale ?? true) ? (fields.rescale_factor ?? DEFAULT_RESCALE_FACTOR) : 1,
    mean: normalise ? [...(fields.image_mean ?? CLIP_MEAN)] : [0, 0, 0],
    std: normalise ? [...(fields.image_std ?? CLIP_STD)] : [1, 1, 1],
  }
}
