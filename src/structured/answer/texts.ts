// Which texts a value can be, by what it is about: the captions, names, text in the picture.
import type { StringSlot } from '../plan/slot.ts'
import type { Topic } from '../plan/topic.ts'
import { wordsOf } from '../words/names.ts'
import { isGroup, membersOfGroup } from '../words/things.ts'
import type { Context } from './context.ts'
import type { Evidence, Found } from './evidence.ts'
import { joinLabelled, lengthOf, withoutStop } from './fit-text.ts'
import { summariesOf, tagsOfText, type TextSource } from './text-source.ts'

/** What screen readers and style guides take for the longest useful text. */
const ALT_LENGTH = 125

type Pictures = readonly Evidence[]

interface Asked {
  readonly topic: Topic
  readonly maxLength: number | undefined
}

/** Longest first; none where nothing is known. */
export function textsFor(slot: StringSlot, context: Context): readonly string[] {
  const { found, pictures, given, text } = context
  if (given !== undefined) return [String(given)]
  if (found !== undefined) return OF_FINDING[slot.topic.subject]?.(found) ?? []
  if (text !== undefined) return OF_TEXT[slot.topic.subject]?.(text, slot) ?? []
  return OF_PICTURES[slot.topic.subject]?.(pictures, slot) ?? []
}

const OF_PICTURES: Partial<
  Record<Topic['subject'], (pictures: Pictures, asked: Asked) => readonly string[]>
> = {
  title: (pictures) => join(pictures, ({ short, generic }) => withoutStop(short ?? generic)),
  caption: (pictures, { maxLength }) => [
    ...join(pictures, ({ long, generic }) => long ?? generic),
    ...(maxLength === undefined ? [] : shorter(pictures)),
  ],
  alt: alternativeTexts,
  generic: (pictures, { maxLength }) => [
    ...join(pictures, ({ generic }) => generic),
    ...(maxLength === undefined ? [] : shorter(pictures)),
  ],
  text: textsInPictures,
  tags: namesOnPictures,
  orientation: (pictures) => join(pictures, orientationOf),
}

const OF_FINDING: Partial<Record<Topic['subject'], (found: Found) => readonly string[]>> = {
  caption: ({ phrase }) => [phrase],
  alt: ({ phrase }) => [phrase],
  title: ({ label }) => [label],
  text: ({ label }) => [label],
  tags: ({ label }) => [label],
  generic: ({ label }) => [label],
  count: ({ label }) => [label],
}

const OF_TEXT: Partial<
  Record<Topic['subject'], (source: TextSource, asked: Asked) => readonly string[]>
> = {
  title: ({ title }) => [title],
  caption: summariesOf,
  text: ({ text }) => [text],
  tags(source, { topic }) {
    // Groups are of things on pictures, and which word is the category no rule tells.
    if (topic.thing.length > 0 || !isPlural(topic.said[0] ?? '')) return []
    return [tagsOfText(source).join(', ')]
  },
}

/** One text of all pictures; none when no picture has one. */
function join(
  pictures: Pictures,
  textOf: (picture: Evidence) => string | undefined,
): readonly string[] {
  const texts = pictures.map((picture) => ({ label: picture.label, text: textOf(picture) ?? '' }))
  return texts.some(({ text }) => text !== '') ? [joinLabelled(texts)] : []
}

function shorter(pictures: Pictures): readonly string[] {
  return [
    ...join(pictures, ({ medium }) => medium),
    ...join(pictures, ({ short }) => (short === undefined ? undefined : withoutStop(short))),
  ]
}

function alternativeTexts(pictures: Pictures, { maxLength }: Asked): readonly string[] {
  const all = [...join(pictures, ({ long }) => long), ...shorter(pictures)]
  const limit = maxLength ?? ALT_LENGTH * pictures.length
  const fitting = all.filter((text) => lengthOf(text) <= limit)
  return (fitting.length > 0 ? fitting : all.slice(-1)).map((text) => withoutStop(text))
}

/** That there is none is an answer, where it was looked for. */
function textsInPictures(pictures: Pictures): readonly string[] {
  const texts = join(pictures, ({ text }) => text)
  const looked = pictures.some(({ text }) => text !== undefined)
  return texts.length === 0 && looked ? [''] : texts
}

/** All names where the property is a plural, else the first. */
function namesOnPictures(pictures: Pictures, { topic }: Asked): readonly string[] {
  const tags = pictures.flatMap((picture) => tagsOf(picture, topic.thing))
  const names = [...new Set(tags.map(({ label }) => label))]
  if (names.length === 0) return []
  return isPlural(topic.said[0] ?? '') ? [names.join(', ')] : names.slice(0, 1)
}

function isPlural(name: string): boolean {
  const last = wordsOf(name).at(-1) ?? ''
  return last.endsWith('s') && !last.endsWith('ss')
}

/** The tags of a picture, or those of a group: of `animals`, dogs and cats. */
export function tagsOf(
  { tags, words, size }: Evidence,
  group: readonly string[],
): readonly Found[] {
  const [name] = group
  if (name === undefined) return tags
  const members = membersOfGroup(name)
  const own = tags.filter(({ label }) => wordsOf(label).some((word) => members.has(word)))
  if (own.length > 0) return own
  // Colours and the like have no boxes; captions name them.
  return words.order
    .filter((word) => members.has(word) && !isGroup(word))
    .map((label) => ({
      label,
      phrase: label,
      box: undefined,
      confidence: undefined,
      picture: size,
    }))
}

/** Undefined for a picture without a size. */
export function orientationOf({ size: { width, height } }: Evidence): string | undefined {
  if (width === 0 || height === 0) return undefined
  if (width === height) return 'square'
  return width > height ? 'landscape' : 'portrait'
}
