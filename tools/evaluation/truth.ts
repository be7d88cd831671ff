// Pictures with their truth, as tools/python/bundled/pictures.py draws them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FlocapError } from '../../src/base/errors.ts'

const boxSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly()

const thingSchema = z.object({
  name: z.string(),
  /** Pixels of the picture: left, top, right, bottom. */
  box: boxSchema,
  place: z.string(),
  /** COCO's uncompressed form: run lengths of 0 and 1 in turn, down the columns. */
  mask: z.object({
    size: z.tuple([z.number().int().positive(), z.number().int().positive()]),
    counts: z.array(z.number().int().nonnegative()),
  }),
})

const sceneSchema = z.object({
  /** All but `scene` show nothing that the model knows. */
  kind: z.enum(['scene', 'stranger', 'clutter', 'empty', 'noise']),
  file: z.string(),
  width: z.number().positive(),
  height: z.number().positive(),
  /** Colours from top to bottom. */
  background: z.array(z.string()),
  things: z.array(thingSchema),
  word: z.object({ text: z.string(), box: boxSchema }).nullable(),
})

const truthSchema = z.object({
  format: z.literal(1),
  /** Everything that the model knows by name. */
  names: z.array(z.string()),
  scenes: z.array(sceneSchema),
})

export type Truth = z.infer<typeof truthSchema>
export type SceneTruth = Truth['scenes'][number]
export type ThingTruth = SceneTruth['things'][number]

/** @throws FlocapError `invalid_setting` when the folder cannot be used. */
export async function readTruth(folder: string): Promise<Truth> {
  try {
    return truthSchema.parse(JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8')))
  } catch (error) {
    throw new FlocapError('invalid_setting', `${folder} holds no pictures with their truth.`, {
      subject: '--scenes',
      hint: 'Draw some: tools/python/bundled/README.md says how.',
      cause: error,
    })
  }
}
