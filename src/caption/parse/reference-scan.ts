// The patterns of the reference parsers as linear scans.

export interface ScanToken {
  readonly raw: string
  /** Present for a location. */
  readonly bin?: number
}

export interface Phrase {
  /** Text before the locations; empty where the pattern asks for none. */
  readonly text: string
  readonly tokens: readonly ScanToken[]
}

/** Beyond every token's bin. The references raise an error on numbers that outgrow an int64. */
const LARGEST_BIN = Number.MAX_SAFE_INTEGER

/** `{4,}` in every pattern. */
const LEAST_TOKENS = 4

const LOCATIONS = /[^<]+|<loc_(\d+)>|</g
const LOCATIONS_AND_MARKS = /[^<]+|<loc_(\d+)>|<sep>|<poly>|<\/poly>|</g

/**
 * Matches of `[^<]+T{4,}` when `labelled`, else of `T{4,}`, where T is a location and with `marks`
 * also `<sep>`, `<poly>` or `</poly>`.
 *
 * `[^<]+` also matches the rest of a token behind its `<`. So a token that no earlier match took
 * becomes part of the text behind it (`loc_5>car`), and the first of five tokens becomes the text.
 */
export function findPhrases(
  answer: string,
  { labelled, marks }: { readonly labelled: boolean; readonly marks: boolean },
): readonly Phrase[] {
  const phrases: Phrase[] = []
  let text = ''
  let tokens: ScanToken[] = []

  /** Takes the match that ends here, if there is one; returns what it left of the last token. */
  function finish(): string {
    const [first, ...others] = tokens
    const tail = tokens.at(-1)?.raw.slice(1) ?? ''
    if (!labelled) {
      if (tokens.length >= LEAST_TOKENS) phrases.push({ text: '', tokens })
    } else if (text !== '' && tokens.length >= LEAST_TOKENS) {
      phrases.push({ text, tokens })
      return ''
    } else if (text === '' && first !== undefined && others.length >= LEAST_TOKENS) {
      phrases.push({ text: first.raw.slice(1), tokens: others })
      return ''
    }
    return tail
  }

  for (const [raw, digits] of answer.matchAll(marks ? LOCATIONS_AND_MARKS : LOCATIONS)) {
    if (digits !== undefined) {
      tokens.push({ raw, bin: toBinNumber(digits) })
    } else if (raw.startsWith('<') && raw !== '<') {
      tokens.push({ raw })
    } else {
      const tail = finish()
      text = raw === '<' ? '' : tail + raw
      tokens = []
    }
  }
  finish()
  return phrases
}

/** Matches of `<poly>(.*?)</poly>` when both marks occur, else everything as one instance. */
export function splitInstances(tokens: readonly ScanToken[]): readonly (readonly ScanToken[])[] {
  const marks = new Set(tokens.map(({ raw }) => raw))
  if (!marks.has('<poly>') || !marks.has('</poly>')) return [tokens]
  const instances: (readonly ScanToken[])[] = []
  let start = -1
  for (const [index, { raw }] of tokens.entries()) {
    if (raw === '<poly>' && start === -1) {
      start = index + 1
    } else if (raw === '</poly>' && start !== -1) {
      instances.push(tokens.slice(start, index))
      start = -1
    }
  }
  return instances
}

/** Matches of `(<loc_n>+)(<sep>|$)`: runs of bins that a separator or the end follows. */
export function findOutlines(tokens: readonly ScanToken[]): readonly (readonly number[])[] {
  const outlines: number[][] = []
  let bins: number[] = []
  for (const { raw, bin } of tokens) {
    if (bin !== undefined) {
      bins.push(bin)
      continue
    }
    if (raw === '<sep>' && bins.length > 0) outlines.push(bins)
    bins = []
  }
  if (bins.length > 0) outlines.push(bins)
  return outlines
}

export interface QuadMatch {
  readonly content: string
  /** Eight. */
  readonly bins: readonly number[]
}

const QUAD_BINS = 8

/**
 * Matches of `(.+?)(<loc_n>){8}`, where the dot is no line feed. The content is at least one
 * character and runs to the next place where eight locations begin, over shorter runs of them.
 */
export function findQuads(answer: string): readonly QuadMatch[] {
  const locations = [...answer.matchAll(/<loc_(\d+)>/g)].map(
    ({ 0: raw, 1: digits = '', index }) => ({
      start: index,
      end: index + raw.length,
      bin: toBinNumber(digits),
    }),
  )
  const runs = countRuns(locations)
  const quads: QuadMatch[] = []
  let start = 0
  let next = 0
  for (;;) {
    const least = start + 1
    while (
      next < locations.length &&
      !((locations[next]?.start ?? 0) >= least && (runs[next] ?? 0) >= QUAD_BINS)
    ) {
      next += 1
    }
    const found = locations[next]
    const last = locations[next + QUAD_BINS - 1]
    if (found === undefined || last === undefined) return quads
    const content = answer.slice(start, found.start)
    const lineFeed = content.lastIndexOf('\n')
    if (lineFeed !== -1) {
      start += lineFeed + 1
      continue
    }
    quads.push({ content, bins: locations.slice(next, next + QUAD_BINS).map(({ bin }) => bin) })
    start = last.end
  }
}

/** For each location how many follow one another without a gap from it on, itself included. */
function countRuns(
  locations: readonly { readonly start: number; readonly end: number }[],
): number[] {
  const runs = Array.from(locations, () => 1)
  for (let index = locations.length - 2; index >= 0; index -= 1) {
    if (locations[index]?.end === locations[index + 1]?.start) {
      runs[index] = 1 + (runs[index + 1] ?? 0)
    }
  }
  return runs
}

function toBinNumber(digits: string): number {
  return Math.min(Number(digits), LARGEST_BIN)
}
