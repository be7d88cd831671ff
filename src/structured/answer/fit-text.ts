// A text that keeps its limits: the longest of several that fits, else the shortest, cut where a
// reader would.

const SENTENCE_END = /[.!?](?=\s|$)/g

/** Words that promise another one. */
const DANGLING = /(?:\s(?:a|an|the|and|or|of|in|on|at|with|to|is|are|its|their))+$/i

/** Characters as JSON Schema counts them. */
export function lengthOf(text: string): number {
  return Array.from(text).length
}

/**
 * @param texts longest first.
 * @returns undefined when none of them can be cut to `maxLength`: there is no word that short.
 */
export function longestThatFits(texts: readonly string[], maxLength: number): string | undefined {
  for (const text of texts) {
    if (lengthOf(text) <= maxLength) return text
  }
  for (const text of texts) {
    const sentences = cutAtSentence(text, maxLength)
    if (sentences !== undefined) return sentences
  }
  const shortest = texts.at(-1)
  return shortest === undefined ? undefined : cutAtWord(shortest, maxLength)
}

function cutAtSentence(text: string, maxLength: number): string | undefined {
  const head = firstCharacters(text, maxLength)
  const ends = [...head.matchAll(SENTENCE_END)].map(({ index }) => index + 1)
  // The cut itself may look like an end: `3.` of `3.5`.
  const end = ends.findLast((each) => each < head.length || /^\s/.test(text.slice(each)))
  return end === undefined ? undefined : head.slice(0, end)
}

function cutAtWord(text: string, maxLength: number): string | undefined {
  const head = firstCharacters(text, maxLength)
  const next = text.slice(head.length, head.length + 1)
  const whole = next === '' || /\s/.test(next) ? head : head.replace(/\S+$/, '')
  const trimmed = whole.replace(/[\s\p{P}]+$/u, '').replace(DANGLING, '')
  return trimmed === '' ? undefined : trimmed
}

function firstCharacters(text: string, count: number): string {
  return Array.from(text).slice(0, count).join('')
}

/** A single sentence without its full stop, as titles and alternative texts are written. */
export function withoutStop(text: string): string {
  const sentences = text.match(SENTENCE_END)?.length ?? 0
  return sentences === 1 && text.endsWith('.') ? text.slice(0, -1) : text
}

/** `Image 1: ...` and `Image 2: ...`, a line each; the text alone where there is one picture. */
export function joinLabelled(
  texts: readonly { readonly label: string; readonly text: string }[],
): string {
  const [only, ...others] = texts
  if (only !== undefined && others.length === 0) return only.text
  return texts.map(({ label, text }) => `${label}: ${text}`).join('\n')
}
