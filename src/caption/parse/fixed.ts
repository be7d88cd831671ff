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
import type { ScorePlaces } from '../token-scores.ts'
import { isBannedPhrase } from './banned-phrases.ts'
import { readItems } from './items.ts'
import type { AnswerItem, Location } from './items.ts'
import { quadArea } from './quad-area.ts'
import { tokenizeAnswer } from './tokens.ts'

export interface FixedOptions {
  readonly ocrAreaThreshold: number
  readonly layout: TextLayout
  /** Findings have a score where this is given. */
  readonly score?: ScorePlaces
}

const BINS_PER_BOX = 4
const BINS_PER_QUAD = 8
/** Fewer corners enclose no area. */
const LEAST_OUTLINE_BINS = 6

export function parseFixed(
  grammar: AnswerGrammar,
  answer: string,
  picture: PictureSize,
  { ocrAreaThreshold, layout, score }: FixedOptions,
): TaskData {
  if (grammar === 'text') return { kind: 'text', text: cleanText(answer, layout) }
  const items = readItems(tokenizeAnswer(answer))
  switch (grammar) {
    case 'quads':
      return { kind: 'quads', quads: toQuads(items, picture, ocrAreaThreshold, score) }
    case 'boxes':
      return { kind: 'boxes', boxes: toBoxes(items.filter(isLabelled), picture, score) }
    case 'grounding': {
      const phrases = items.filter((item) => isLabelled(item) && !isVague(item.label))
      return { kind: 'boxes', boxes: toBoxes(phrases, picture, score) }
    }
    case 'proposals': {
      const unlabelled = items.map((item) => ({ ...item, label: '', labelPlaces: [] }))
      return { kind: 'boxes', boxes: toBoxes(unlabelled, picture, score) }
    }
    case 'polygons':
      return { kind: 'polygons', polygons: toPolygons(items, picture, score) }
    case 'boxes_or_polygons': {
      // Each item says for itself which of the two it is.
      const labelled = items.filter(isLabelled)
      return {
        kind: 'boxes_or_polygons',
        boxes: toBoxes(
          labelled.filter(({ marked }) => !marked),
          picture,
          score,
        ),
        polygons: toPolygons(
          labelled.filter(({ marked }) => marked),
          picture,
          score,
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
function toBoxes(
  items: readonly AnswerItem[],
  { width, height }: PictureSize,
  score: ScorePlaces | undefined,
): LabelledBox[] {
  return items.flatMap((item) =>
    toGroups(item.outlines.flat(), BINS_PER_BOX).flatMap((corners) => {
      const [a = 0, b = 0, c = 0, d = 0] = corners.map(({ bin }) => bin)
      if (a === c || b === d) return []
      return [
        {
          label: item.label,
          box: [
            fromBin(Math.min(a, c), width),
            fromBin(Math.min(b, d), height),
            fromBin(Math.max(a, c), width),
            fromBin(Math.max(b, d), height),
          ] as const,
          ...scoreOf(item, corners, score),
        },
      ]
    }),
  )
}

function toQuads(
  items: readonly AnswerItem[],
  picture: PictureSize,
  areaThreshold: number,
  score: ScorePlaces | undefined,
): LabelledQuad[] {
  const leastArea = picture.width * picture.height * areaThreshold
  return items.filter(isLabelled).flatMap((item) =>
    toGroups(item.outlines.flat(), BINS_PER_QUAD)
      .map((corners) => ({
        label: item.label,
        quad: toPoints(corners, picture),
        ...scoreOf(item, corners, score),
      }))
      .filter(({ quad }) => areaThreshold <= 0 || quadArea(quad) >= leastArea),
  )
}

function toPolygons(
  items: readonly AnswerItem[],
  picture: PictureSize,
  score: ScorePlaces | undefined,
): LabelledPolygon[] {
  return items.flatMap((item) => {
    const outlines = item.outlines.filter((points) => points.length >= LEAST_OUTLINE_BINS)
    if (outlines.length === 0) return []
    return [
      {
        label: item.label,
        outlines: outlines.map((points) =>
          toPoints(points.slice(0, points.length - (points.length % 2)), picture),
        ),
        ...scoreOf(item, outlines.flat(), score),
      },
    ]
  })
}

/** Over the tokens of the label and of these locations. */
function scoreOf(
  { labelPlaces }: AnswerItem,
  locations: readonly Location[],
  score: ScorePlaces | undefined,
): { score?: number } {
  if (score === undefined) return {}
  return { score: score([...labelPlaces, ...locations.map(({ place }) => place)]) }
}

function toPoints(locations: readonly Location[], { width, height }: PictureSize): number[] {
  return locations.map(({ bin }, index) => fromBin(bin, index % 2 === 0 ? width : height))
}

/** Groups of exactly `size`; a last incomplete group is left out. */
function toGroups(locations: readonly Location[], size: number): Location[][] {
  const groups: Location[][] = []
  for (let start = 0; start + size <= locations.length; start += size) {
    groups.push(locations.slice(start, start + size))
  }
  return groups
}
