// How near an answer is to the published one.
import type { TaskData } from '../../src/caption/task-data.ts'
import type { PublishedAnswer } from './values.ts'

export interface Verdict {
  /** `near`: the same things, boxes within two of the thousand bins. */
  readonly kind: 'same' | 'near' | 'differs'
  readonly remark: string
}

export interface FoundAnswer {
  /** Without the decoder's start token. */
  readonly tokens: readonly number[]
  /** What the reference's parser reads in it. */
  readonly data: TaskData
  readonly picture: { readonly width: number; readonly height: number }
}

/** Bins that a coordinate may be off by, of a thousand a side. */
const NEAR_BINS = 2

export function compareAnswer(published: PublishedAnswer, found: FoundAnswer): Verdict {
  if (published.output_ids) return compareIds(published.output_ids.slice(1), found.tokens)
  const expected = published.output?.[published.task]
  if (typeof expected === 'string') return compareTexts(expected, textOf(found.data))
  if (expected === undefined && published.output_text) {
    const text = published.output_text.replaceAll(/<\/?s>/g, '')
    return compareTexts(text, textOf(found.data))
  }
  return compareShapes(expected, toReferenceShape(found.data), found.picture)
}

function compareIds(expected: readonly number[], found: readonly number[]): Verdict {
  const length = Math.max(expected.length, found.length)
  for (let i = 0; i < length; i += 1) {
    if (expected[i] !== found[i]) {
      const remark = `token ${i + 1} is ${found[i] ?? 'missing'} instead of ${expected[i] ?? 'none'}`
      return { kind: 'differs', remark }
    }
  }
  return { kind: 'same', remark: `${length} ids` }
}

function textOf(data: TaskData): string {
  return data.kind === 'text' ? data.text : JSON.stringify(toReferenceShape(data))
}

function compareTexts(expected: string, found: string): Verdict {
  const [a, b] = [expected.trim(), found.trim()]
  if (a === b) return { kind: 'same', remark: `${a.length} characters` }
  let same = 0
  while (same < a.length && a[same] === b[same]) same += 1
  return {
    kind: 'differs',
    remark: `after ${same} characters: '${b.slice(same, same + 30)}', not '${a.slice(same, same + 30)}'`,
  }
}

/** The lists that the reference's processor returns, in its names. */
function toReferenceShape(data: TaskData): Record<string, unknown> {
  switch (data.kind) {
    case 'text':
      return { text: data.text }
    case 'boxes':
      return {
        bboxes: data.boxes.map(({ box }) => box),
        labels: data.boxes.map(({ label }) => label),
      }
    case 'quads':
      return {
        quad_boxes: data.quads.map(({ quad }) => quad),
        labels: data.quads.map(({ label }) => label),
      }
    case 'polygons':
      return {
        polygons: data.polygons.map(({ outlines }) => outlines),
        labels: data.polygons.map(({ label }) => label),
      }
    case 'boxes_or_polygons':
      return {
        bboxes: data.boxes.map(({ box }) => box),
        bboxes_labels: data.boxes.map(({ label }) => label),
        polygons: data.polygons.map(({ outlines }) => outlines),
        polygons_labels: data.polygons.map(({ label }) => label),
      }
  }
}

function compareShapes(
  expected: unknown,
  found: unknown,
  picture: FoundAnswer['picture'],
): Verdict {
  const [a, b] = [leavesOf(expected), leavesOf(found)]
  if (a.texts.join('\n') !== b.texts.join('\n')) {
    return { kind: 'differs', remark: `labels ${list(b.texts)}, not ${list(a.texts)}` }
  }
  if (a.numbers.length !== b.numbers.length) {
    return { kind: 'differs', remark: `${b.numbers.length} coordinates, not ${a.numbers.length}` }
  }
  const bin = Math.max(picture.width, picture.height) / 1000
  const furthest = a.numbers.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (b.numbers[i] ?? NaN)) / bin),
    0,
  )
  if (furthest < 0.01) return { kind: 'same', remark: `${a.numbers.length} coordinates` }
  const remark = `furthest coordinate ${furthest.toFixed(1)} bins away`
  return { kind: furthest <= NEAR_BINS ? 'near' : 'differs', remark }
}

/** Labels that are no words are those of regions without names. */
function list(labels: readonly string[]): string {
  const named = labels.filter((label) => label !== '')
  const unnamed = labels.length - named.length
  const parts = unnamed === 0 ? named : [...named, `${unnamed} without a name`]
  return parts.join(', ') || 'none'
}

/** All texts and numbers in it, in order. */
function leavesOf(value: unknown): { readonly texts: string[]; readonly numbers: number[] } {
  const texts: string[] = []
  const numbers: number[] = []
  const visit = (part: unknown): void => {
    if (typeof part === 'string') texts.push(part)
    else if (typeof part === 'number') numbers.push(part)
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit)
  }
  visit(value)
  return { texts, numbers }
}
