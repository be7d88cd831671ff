// A caption whose words lead to the places that were found for them.

export interface Segment {
  readonly text: string
  /** Findings that this text names; none for the words between. */
  readonly findings: readonly number[]
}

/**
 * Cuts a caption at the phrases that were located in it, in the order of the text. A phrase that occurs
 * inside a longer one, or not at all, marks nothing.
 * @param labels of the findings, as the model repeated them from the caption
 */
export function linkPhrases(caption: string, labels: readonly string[]): readonly Segment[] {
  const findingsOf = new Map<string, number[]>()
  for (const [finding, label] of labels.entries()) {
    const phrase = label.trim().toLowerCase()
    if (phrase !== '') findingsOf.set(phrase, [...(findingsOf.get(phrase) ?? []), finding])
  }
  const segments: Segment[] = []
  const lower = caption.toLowerCase()
  const longestFirst = [...findingsOf.keys()].toSorted((a, b) => b.length - a.length)
  let plain = ''
  for (let at = 0; at < caption.length;) {
    const phrase = longestFirst.find((each) => isAt(lower, each, at))
    if (phrase === undefined) {
      plain += caption[at] ?? ''
      at += 1
      continue
    }
    if (plain !== '') segments.push({ text: plain, findings: [] })
    plain = ''
    segments.push({
      text: caption.slice(at, at + phrase.length),
      findings: findingsOf.get(phrase) ?? [],
    })
    at += phrase.length
  }
  return plain === '' ? segments : [...segments, { text: plain, findings: [] }]
}

const LETTER = /[\p{Letter}\p{Number}]/u

/** Whole words: `car` is not in `carpet`. */
function isAt(text: string, phrase: string, at: number): boolean {
  if (!text.startsWith(phrase, at)) return false
  const [before = '', after = ''] = [text[at - 1], text[at + phrase.length]]
  return !LETTER.test(before) && !LETTER.test(after)
}
