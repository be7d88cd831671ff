// `coco.json`: COCO's object detection form: images, annotations with boxes (and outlines where there are
// some), categories; a score for each annotation, as detectors write it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { readError } from '../../base/file-errors.ts'
import { replaceFile } from '../../base/replace-file.ts'
import { systemCode } from '../../base/system-errors.ts'
import type { Captioned, CollectedFormat, Row } from './format.ts'
import { findPlaces, type Place } from './places.ts'

const FILE = 'coco.json'
/** Digits of a pixel. */
const DIGITS = 2

const image = z.looseObject({
  id: z.number(),
  file_name: z.string(),
  width: z.number(),
  height: z.number(),
})
const annotation = z.looseObject({ id: z.number(), image_id: z.number(), category_id: z.number() })
const category = z.looseObject({ id: z.number(), name: z.string() })
const coco = z.looseObject({
  images: z.array(image),
  annotations: z.array(annotation),
  categories: z.array(category),
})
type Coco = z.infer<typeof coco>

export const COCO_FORMAT: CollectedFormat = {
  kind: 'collected',
  id: 'coco',
  async open(output) {
    const path = join(output, FILE)
    const before = await readCoco(path)
    const known = new Set(before.images.map(({ file_name: name }) => name))
    return {
      has: ({ name }) => known.has(name),
      async finish(rows) {
        await replaceFile(path, `${JSON.stringify(await mergeRows(before, rows), undefined, 1)}\n`)
      },
    }
  },
}

async function readCoco(path: string): Promise<Coco> {
  try {
    return coco.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    const code = systemCode(cause)
    if (code === 'ENOENT') return { images: [], annotations: [], categories: [] }
    if (code !== undefined) throw readError(path, cause)
    throw new FlocapError('file_not_written', `${path} is not of COCO's form.`, {
      subject: path,
      hint: 'Move it away, or choose another folder with --out.',
      cause,
    })
  }
}

/** Images of others keep their place; those of the run follow, and all are numbered anew. */
async function mergeRows(before: Coco, rows: AsyncIterable<Row>): Promise<Coco> {
  const known = new Map(before.images.map((entry) => [entry.file_name, entry]))
  const fresh: { readonly name: string; readonly captioned: Captioned | undefined }[] = []
  for await (const { picture, captioned } of rows) fresh.push({ name: picture.name, captioned })
  const names = new Set(fresh.map(({ name }) => name))
  const categories = [...before.categories]
  const merged: Coco = { ...before, images: [], annotations: [], categories }
  const keep = (entry: Coco['images'][number]): void => {
    const id = merged.images.length + 1
    merged.images.push({ ...entry, id })
    for (const each of before.annotations.filter(({ image_id }) => image_id === entry.id)) {
      merged.annotations.push({ ...each, id: merged.annotations.length + 1, image_id: id })
    }
  }
  for (const entry of before.images) if (!names.has(entry.file_name)) keep(entry)
  for (const { name, captioned } of fresh) {
    const old = known.get(name)
    if (captioned !== undefined) addCaptioned(merged, captioned)
    else if (old !== undefined) keep(old)
  }
  return merged
}

function addCaptioned(
  merged: Coco,
  { picture, width, height, answers, captions }: Captioned,
): void {
  const id = merged.images.length + 1
  const [caption] = captions
  merged.images.push({
    id,
    file_name: picture.name,
    width,
    height,
    ...(caption === undefined ? {} : { caption }),
  })
  for (const place of findPlaces(answers, { width, height })) {
    merged.annotations.push({
      id: merged.annotations.length + 1,
      image_id: id,
      category_id: categoryOf(merged, place.label),
      ...toAnnotation(place),
    })
  }
}

function toAnnotation({ box: [x1, y1, x2, y2], outlines, score }: Place) {
  const bbox = [x1, y1, x2 - x1, y2 - y1].map(round)
  return {
    bbox,
    area: round((x2 - x1) * (y2 - y1)),
    iscrowd: 0,
    segmentation: outlines.map((outline) => outline.map(round)),
    ...(score === undefined ? {} : { score }),
  }
}

function categoryOf({ categories }: Coco, name: string): number {
  const known = categories.find((entry) => entry.name === name)
  if (known !== undefined) return known.id
  const id = Math.max(0, ...categories.map((entry) => entry.id)) + 1
  categories.push({ id, name })
  return id
}

function round(value: number): number {
  return Number(value.toFixed(DIGITS))
}
