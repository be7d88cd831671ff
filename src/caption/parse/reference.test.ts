import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toBin } from '../region.ts'
import type { TaskData } from '../task-data.ts'
import { TASKS, findTask } from '../tasks.ts'
import { isBannedPhrase } from './banned-phrases.ts'
import { parseAnswer } from './parse-answer.ts'
import type { ParseMode } from './parse-answer.ts'

const grammarSchema = z.enum([
  'text',
  'quads',
  'boxes',
  'grounding',
  'proposals',
  'polygons',
  'boxes_or_polygons',
])

const fixtureSchema = z.object({
  cases: z.array(
    z.tuple([grammarSchema, z.number(), z.number(), z.number(), z.string(), z.json(), z.json()]),
  ),
  quantised: z.array(z.tuple([z.number(), z.number(), z.array(z.number()), z.array(z.number())])),
})

const fixture = fixtureSchema.parse(
  JSON.parse(
    readFileSync(new URL('../../../test/fixtures/parsing/cases.json', import.meta.url), 'utf8'),
  ),
)

/** The fixtures' compact form of an answer. */
function toCompact(data: TaskData): unknown {
  switch (data.kind) {
    case 'text':
      return data.text
    case 'quads':
      return data.quads.map(({ label, quad }) => [label, ...quad])
    case 'boxes':
      return data.boxes.map(({ label, box }) => [label, ...box])
    case 'polygons':
      return data.polygons.map(({ label, outlines }) => [label, outlines])
    case 'boxes_or_polygons':
      return [
        data.boxes.map(({ label, box }) => [label, ...box]),
        data.polygons.map(({ label, outlines }) => [label, outlines]),
      ]
  }
}

/** Every number as a float32, which is what the fixtures shortened. */
function toFloat32(value: unknown): unknown {
  if (typeof value === 'number') return Math.fround(value)
  return Array.isArray(value) ? value.map(toFloat32) : value
}

describe.each<[ParseMode, 5 | 6]>([
  ['reference', 5],
  ['native', 6],
])('the mode %s', (mode, column) => {
  it.each(grammarSchema.options)('reads %s as its oracle does', (grammar) => {
    const cases = fixture.cases.filter(([each]) => each === grammar)
    expect(cases.length).toBeGreaterThan(50)
    for (const one of cases) {
      const [, width, height, ocrAreaThreshold, answer] = one
      const data = parseAnswer(grammar, answer, { width, height }, { mode, ocrAreaThreshold })
      expect([answer, toCompact(data)]).toEqual([answer, toFloat32(one[column])])
    }
  })
})

describe('the mode reference', () => {
  it('drops small quads as of June 2024 unless told otherwise', () => {
    const picture = { width: 640, height: 480 }
    const answer = `small${[100, 100, 150, 100, 150, 150, 100, 150].map((bin) => `<loc_${bin}>`).join('')}`
    const read = (ocrAreaThreshold?: number): unknown =>
      parseAnswer('quads', answer, picture, {
        mode: 'reference',
        ...(ocrAreaThreshold === undefined ? {} : { ocrAreaThreshold }),
      })
    expect(read()).toEqual({ kind: 'quads', quads: [] })
    expect(read(0)).toMatchObject({ quads: [{ label: 'small' }] })
  })
})

describe('toBin', () => {
  it('puts coordinates into the bins of the reference', () => {
    let compared = 0
    for (const [width, height, coordinates, bins] of fixture.quantised) {
      const sides = [width, height]
      expect(coordinates.map((value, index) => toBin(value, sides[index % 2] ?? 0))).toEqual(bins)
      compared += bins.length
    }
    expect(compared).toBe(256)
  })
})

// --- published answers of the real model, where they are at hand -----------------------------------

const dataFolder = resolve(process.env['FLOCAP_REFERENCE_DATA'] ?? '../shared/data', 'florence2')
const noData = !existsSync(dataFolder)

const numbers = z.array(z.number())
const publishedSchema = z.union([
  z.string(),
  z.object({ quad_boxes: z.array(numbers), labels: z.array(z.string()) }),
  z.object({
    bboxes: z.array(numbers),
    bboxes_labels: z.array(z.string()),
    polygons: z.array(z.array(numbers)),
    polygons_labels: z.array(z.string()),
  }),
  z.object({ bboxes: z.array(numbers), labels: z.array(z.string()) }),
  z.object({ polygons: z.array(z.array(numbers)), labels: z.array(z.string()) }),
])
type Published = z.infer<typeof publishedSchema>

const acceptanceSchema = z.object({
  entries: z.array(
    z.object({
      id: z.string(),
      image: z.string(),
      task: z.string(),
      output_text: z.string().nullish(),
      output: z.record(z.string(), publishedSchema).nullish(),
    }),
  ),
})

function readEntries(): z.infer<typeof acceptanceSchema>['entries'] {
  const file = resolve(dataFolder, 'acceptance-values.json')
  return acceptanceSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).entries
}

/** Sizes of the pictures that the published answers are about. */
const PICTURES: Readonly<Record<string, { readonly width: number; readonly height: number }>> = {
  'car.png': { width: 640, height: 480 },
  'car.jpg': { width: 640, height: 480 },
  'book.png': { width: 403, height: 500 },
  'transformers/tasks/australia.jpg (not available offline)': { width: 1300, height: 876 },
}

function toPublished(data: TaskData): Published {
  switch (data.kind) {
    case 'text':
      return data.text
    case 'quads':
      return {
        quad_boxes: data.quads.map(({ quad }) => [...quad]),
        labels: data.quads.map(({ label }) => label),
      }
    case 'boxes':
      return {
        bboxes: data.boxes.map(({ box }) => [...box]),
        labels: data.boxes.map(({ label }) => label),
      }
    case 'polygons':
      return {
        polygons: data.polygons.map(({ outlines }) => outlines.map((outline) => [...outline])),
        labels: data.polygons.map(({ label }) => label),
      }
    case 'boxes_or_polygons':
      return {
        bboxes: data.boxes.map(({ box }) => [...box]),
        bboxes_labels: data.boxes.map(({ label }) => label),
        polygons: data.polygons.map(({ outlines }) => outlines.map((outline) => [...outline])),
        polygons_labels: data.polygons.map(({ label }) => label),
      }
  }
}

/** The answer that the model must have given: coordinates lie in the middle of their bins. */
function toAnswer(published: Published, width: number, height: number): string {
  const locations = (values: readonly number[]): string =>
    values.map((value, index) => `<loc_${toBin(value, index % 2 === 0 ? width : height)}>`).join('')
  if (typeof published === 'string') return `</s><s>${published}</s>`
  if ('quad_boxes' in published) {
    const items = published.quad_boxes.map(
      (quad, index) => `${published.labels[index]}${locations(quad)}`,
    )
    // The first label of the remote code brings its own `</s>` along.
    return `${items.join('')}</s>`
  }
  const boxes = 'bboxes' in published ? published.bboxes : []
  const labels = 'bboxes_labels' in published ? published.bboxes_labels : published.labels
  if (boxes.length > 0) {
    return `</s><s>${boxes.map((box, index) => `${labels[index]}${locations(box)}`).join('')}</s>`
  }
  const polygons = 'polygons' in published ? published.polygons : []
  return `</s><s>${polygons.map((outlines) => outlines.map(locations).join('<sep>')).join('')}</s>`
}

describe.skipIf(noData)('published answers', () => {
  it('come out of their texts as the native processor gave them', () => {
    const pairs = readEntries().filter(({ output, output_text }) => output && output_text)
    expect(pairs.map(({ id }) => id)).toEqual([
      'hf-base-od',
      'hf-large-ovd-car',
      'hf-large-ocr-with-region',
    ])
    for (const { image, task, output, output_text } of pairs) {
      const picture = PICTURES[image]
      if (picture === undefined) throw new Error(`The size of ${image} is not known.`)
      const data = parseAnswer(TASKS[findTask(task)].grammar, output_text ?? '', picture, {
        mode: 'native',
      })
      expect(toPublished(data)).toEqual(output?.[task])
    }
  })

  it('of the remote code come out to the last bit, once said in bins again', () => {
    const entries = readEntries().filter(({ id }) => id.startsWith('ms-notebook'))
    expect(entries).toHaveLength(14)
    for (const { id, image, task, output } of entries) {
      const picture = PICTURES[image]
      const published = output?.[task]
      if (picture === undefined || published === undefined) throw new Error(`${id} is incomplete.`)
      const answer = toAnswer(published, picture.width, picture.height)
      const data = parseAnswer(TASKS[findTask(task)].grammar, answer, picture, {
        mode: 'reference',
      })
      expect([id, toPublished(data)]).toEqual([id, published])
    }
  })

  it('leave nothing but words in plain text', () => {
    const texts = readEntries().filter(
      ({ task, output_text }) => output_text && TASKS[findTask(task)].grammar === 'text',
    )
    expect(texts.length).toBeGreaterThan(10)
    for (const { output_text } of texts) {
      const data = parseAnswer('text', output_text ?? '', { width: 1, height: 1 })
      expect(toPublished(data)).toMatch(/^[^<>]+$/)
    }
  })

  it('use the banned phrases of the reference', () => {
    const file = resolve(dataFolder, 'grounding-banned-phrases.json')
    const { phrases } = z
      .object({ phrases: z.array(z.string()) })
      .parse(JSON.parse(readFileSync(file, 'utf8')))
    expect(phrases).toHaveLength(72)
    expect(phrases.filter((phrase) => !isBannedPhrase(phrase))).toEqual([])
  })
})
