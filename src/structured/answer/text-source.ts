// A text instead of pictures, as bookmark and document managers send one: what a schema can ask of it is
// made of its own words, because there is no model for text here.

export interface TextSource {
  readonly title: string
  /** As it came, without blanks around it. */
  readonly text: string
  /** Words that can be tags, the first of the text first. */
  readonly words: readonly string[]
}

/** What people put on a bookmark; more only where a schema demands them. */
const USUAL_TAGS = 5

/** A summary is the beginning: newspapers and documents say there what they are about. */
const SUMMARY_SENTENCES = 2

export function tagsOfText({ words }: TextSource, atLeast = 0): readonly string[] {
  return words.slice(0, Math.max(USUAL_TAGS, atLeast))
}

/** Longest first: the first sentences, then the very first. */
export function summariesOf({ text }: TextSource): readonly string[] {
  const sentences = text.match(SENTENCE) ?? [text]
  const tidy = (count: number) => sentences.slice(0, count).join('').replaceAll(/\s+/g, ' ').trim()
  return [...new Set([tidy(SUMMARY_SENTENCES), tidy(1)])]
}

/** Up to a full stop behind which a blank stands: `3.5` goes on. */
const SENTENCE = /(?:[^.!?]|[.!?](?!\s|$))+(?:[.!?]+(?=\s|$)\s*|$)/g
