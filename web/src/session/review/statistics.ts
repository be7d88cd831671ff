// What the captions of a folder are like together: how many, how long, what they speak of most.
import type { ReviewedPicture } from '../../server/review-server.ts'

export interface Statistics {
  readonly pictures: number
  readonly captioned: number
  readonly edited: number
  readonly locked: number
  /** Captions that another picture has too, and pictures of which there is a copy. */
  readonly sameCaption: number
  readonly samePicture: number
  readonly words: Spread | undefined
  readonly characters: Spread | undefined
  /** Whether most captions are lists with commas: then `most` counts tags, else words. */
  readonly areTags: boolean
  /** In how many captions each is, the most frequent first. */
  readonly most: readonly Counted[]
  /** Why pictures could not be captioned. */
  readonly failures: readonly Counted[]
}

export interface Spread {
  readonly least: number
  readonly median: number
  readonly most: number
}

export interface Counted {
  readonly text: string
  readonly count: number
}

/** What can be read at a glance. */
const MOST_SHOWN = 40

/** Tags are short and many; a sentence has some commas too. */
const TAG_WORDS = 3
const LEAST_TAGS = 4

/** Words that say nothing of a picture: English, in which Florence-2 answers. */
const EMPTY_WORDS = new Set(
  (
    'a an and are as at be but by can for from has have he her his in into is it its of on or she ' +
    'that the their them there these they this to up was were which while who with'
  ).split(' '),
)

export function describeCaptions(pictures: readonly ReviewedPicture[]): Statistics {
  const captions = pictures.flatMap(({ caption }) => caption ?? [])
  const areTags = captions.filter(isTagList).length * 2 > captions.length
  return {
    pictures: pictures.length,
    captioned: captions.length,
    edited: pictures.filter(({ edited }) => edited).length,
    locked: pictures.filter(({ lock }) => lock === 'locked').length,
    sameCaption: countShared(captions),
    samePicture: countShared(pictures.flatMap(({ sha256 }) => sha256 ?? [])),
    words: spreadOf(captions.map((caption) => wordsOf(caption).length)),
    characters: spreadOf(captions.map(({ length }) => length)),
    areTags,
    most: countEach(captions.map(areTags ? tagsOf : tellingWords)).slice(0, MOST_SHOWN),
    failures: countEach(pictures.map(({ failure }) => (failure === null ? [] : [failure]))),
  }
}

function isTagList(caption: string): boolean {
  const tags = tagsOf(caption)
  return tags.length >= LEAST_TAGS && tags.every((tag) => wordsOf(tag).length <= TAG_WORDS)
}

function tagsOf(caption: string): readonly string[] {
  return caption
    .split(/[,\n]/)
    .map((tag) => tag.trim().toLowerCase())
    .filter((tag) => tag !== '')
}

function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu) ?? []
}

function tellingWords(caption: string): readonly string[] {
  return wordsOf(caption.toLowerCase()).filter((word) => !EMPTY_WORDS.has(word))
}

/** Each text of a picture counts once. */
function countEach(groups: readonly (readonly string[])[]): readonly Counted[] {
  const counts = new Map<string, number>()
  for (const texts of groups) {
    for (const text of new Set(texts)) counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts]
    .map(([text, count]) => ({ text, count }))
    .toSorted((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
}

function countShared(values: readonly string[]): number {
  return countEach(values.map((value) => [value]))
    .filter(({ count }) => count > 1)
    .reduce((total, { count }) => total + count, 0)
}

function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const [least] = sorted
  const median = sorted[Math.floor(sorted.length / 2)]
  const most = sorted.at(-1)
  if (least === undefined || median === undefined || most === undefined) return undefined
  return { least, median, most }
}
