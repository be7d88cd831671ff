// How long a caption may be: cut at the end of a sentence where one fits, else at the end of a word.

export const CAPTION_LENGTHS = ['short', 'normal', 'long', 'alt'] as const

export type CaptionLength = (typeof CAPTION_LENGTHS)[number]

/** Beyond this screen readers cut or chop an alternative text. */
export const ALT_TEXT_CHARACTERS = 125
/** About what 75 CLIP tokens hold. */
const NORMAL_CHARACTERS = 300

const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' })

/**
 * `short` is the first sentence, `normal` the sentences of 300 characters (the first one at least),
 * `long` everything, `alt` at most 125 characters.
 * @param added characters that will stand before and behind it: part of what `alt` may have.
 */
export function cutToLength(text: string, length: CaptionLength, added = 0): string {
  switch (length) {
    case 'short':
      return takeSentences(text, 0)
    case 'normal':
      return takeSentences(text, NORMAL_CHARACTERS)
    case 'long':
      return text
    case 'alt':
      return cutToCharacters(text, Math.max(0, ALT_TEXT_CHARACTERS - added))
  }
}

/** @returns at most `most` characters, '' when not even a part of a word may be shown. */
export function cutToCharacters(text: string, most: number): string {
  if (text.length <= most) return text
  const sentences = takeSentences(text, most)
  if (sentences.length <= most) return sentences
  return cutAtWord(text, most)
}

/** The first sentence, and those behind it as long as all have at most `most` characters. */
function takeSentences(text: string, most: number): string {
  let taken = ''
  for (const { segment } of SENTENCES.segment(text)) {
    if (taken !== '' && (taken + segment).trimEnd().length > most) break
    taken += segment
  }
  return taken.trim()
}

function cutAtWord(text: string, most: number): string {
  const head = text.slice(0, most + 1)
  const end = head.search(/\s\S*$/)
  if (end > 0) return head.slice(0, end).replace(/[\s,;:–—-]+$/, '')
  // One word that is longer than all: cut between characters, never inside one.
  return text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
}
