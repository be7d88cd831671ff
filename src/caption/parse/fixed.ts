// The default parser: reads what an answer means, without the faults of the reference.
//
// An answer is a chain of items: a label and the locations behind it. Locations belong to the text
// before them and to nothing else, so a broken item cannot spoil its neighbours.
import { cleanText } from '../clean-text.ts'
import type { TextLayout } from '../clean-text.ts'
import type { PictureSize } from '../ports.ts'
import { fromBin } from '../region.ts'
import type { LabelledBox, LabelledPolygon, LabelledQuad, TaskData } from '../task-data.ts'
import type { AnswerGrammar } from '../tasks.ts'
import { isBannedPhrase } from './banned-phrases.ts'
import { readItems } from './items.ts'
import type { AnswerItem } from './items.ts'
import { quadArea } from './quad-area.ts'
import { tokenizeAnswer } from './tokens.ts'

export interface FixedOptions {
  readonly ocrAreaThreshold: number
  readonly layout: TextLayout
}

const BINS_PER_BOX = 4
const BINS_PER_QUAD = 8
/** Fewer corners enclose no area. */
const LEAST_OUTLINE_BINS = 6

export function parseFixed(
  grammar: AnswerGrammar,
  answer: string,
  picture: PictureSize,
  { ocrAreaThreshold, layout }: FixedOptions,
): TaskData {
  if (grammar === 'text') return { kind: 'text', text: cleanText(answer, layout) }
  const items = readItems(tokenizeAnswer(answer))
  switch (grammar) {
    case 'quads':
      return { kind: 'quads', quads: toQuads(items, picture, ocrAreaThreshold) }
    case 'boxes':
      return { kind: 'boxes', boxes: toBoxes(items.filter(isLabelled), picture) }
    case 'grounding': {
      const phrases = items.filter((item) => isLabelled(item) && !isVague(item.label))
      return { kind: 'boxes', boxes: toBoxes(phrases, picture) }
    }
    case 'proposals': {
      const unlabelled = items.map((item) => ({ ...item, label: '' }))
      return { kind: 'boxes', boxes: toBoxes(unlabelled, picture) }
    }
    case 'polygons':
      return { kind: 'polygons', polygons: toPolygons(items, picture) }
    case 'boxes_or_polygons': {
      // Each item says for itself which of the two it is.
      const labelled = items.filter(isLabelled)
      return {
        kind: 'boxes_or_polygons',
        boxes: toBoxes(
          labelled.filter(({ marked }) => !marked),
          picture,
        ),
        polygons: toPolygons(
          labelled.filter(({ marked }) => marked),
          picture,
        ),
      }
    }
  }
}

function isLabelled({ label }: AnswerItem): boolean {
  return label !== ''
}

/** A phrase that points at nothing; also at the start of a sentence, which the reference misses. */
function isVague(phrase: string): boolean {
  return (
    isBannedPhrase(phrase) || isBannedPhrase(phrase.slice(0, 1).toLowerCase() + phrase.slice(1))
  )
}

/** One box for each four locations of an item; corners in order, boxes without area left out. */
function toBoxes(items: readonly AnswerItem[], { width, height }: PictureSize): LabelledBox[] {
  return items.flatMap(({ label, outlines }) =>
    toGroups(outlines.flat(), BINS_PER_BOX).flatMap(([a = 0, b = 0, c = 0, d = 0]) => {
      if (a === c || b === d) return []
      return [
        {
          label,
          box: [
            fromBin(Math.min(a, c), width),
            fromBin(Math.min(b, d), height),
            fromBin(Math.max(a, c), width),
            fromBin(Math.max(b, d), height),
          ] as const,
        },
      ]
    }),
  )
}

function toQuads(
  items: readonly AnswerItem[],
  picture: PictureSize,
  areaThreshold: number,
): LabelledQuad[] {
  const leastArea = picture.width * picture.height * areaThreshold
  return items.filter(isLabelled).flatMap(({ label, outlines }) =>
    toGroups(outlines.flat(), BINS_PER_QUAD)
      .map((bins) => ({ label, quad: toPoints(bins, picture) }))
      .filter(({ quad }) => areaThreshold <= 0 || quadArea(quad) >= leastArea),
  )
}

function toPolygons(items: readonly AnswerItem[], picture: PictureSize): LabelledPolygon[] {
  return items.flatMap(({ label, outlines }) => {
    const points = outlines
      .filter((bins) => bins.length >= LEAST_OUTLINE_BINS)
      .map((bins) => toPoints(bins.slice(0, bins.length - (bins.length % 2)), picture))
    return points.length === 0 ? [] : [{ label, outlines: points }]
  })
}

function toPoints(bins: readonly number[], { width, height }: PictureSize): number[] {
  return bins.map((bin, index) => fromBin(bin, index % 2 === 0 ? width : height))
}

/** Groups of exactly `size`; a last incomplete group is left out. */
function toGroups(bins: readonly number[], size: number): number[][] {
  const groups: number[][] = []
  for (let start = 0; start + size <= bins.length; start += size) {
    groups.push(bins.slice(start, start + size))
  }
  return groups
}
