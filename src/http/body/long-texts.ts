// Pictures inside of texts, kept as the bytes that came.
//
// A photo is forty megabytes of base64 in the middle of some JSON. As a string it would be decoded,
// parsed, checked and decoded again, each in one go, while nobody else is answered. So long runs of
// base64 are cut out before anything is parsed, and a short stand-in is left, which is base64 as well:
// whoever looks for pictures finds it where the picture was. Only `pieces` gives the whole back.
import { randomBytes } from 'node:crypto'
import { SLICE_BYTES } from '../../base/give-way.ts'
import { MAX_PREFIX_CHARACTERS } from '../../caption/generation.ts'

export interface LongTexts {
  /**
   * @param run ASCII; it is not copied.
   * @param escapes whether JSON's `\n`, `\r`, `\t` and `\/` stand for single characters in it.
   * @returns what stands for it.
   */
  keep(run: Uint8Array, escapes: boolean): string
  /** The text with all that stands for longer ones filled in, in pieces of moderate length. */
  pieces(text: string): Iterable<string>
}

/** Not to be guessed, so that no client can write it. At least as long as what counts as a picture. */
const MARK = randomBytes(32).toString('hex')

/**
 * Behind it: where the long text stands in a field that takes a short one, such as the beginning of an
 * answer, what stands for it is too long as well.
 */
const PADDING = 'A'.repeat(MAX_PREFIX_CHARACTERS)

const STAND_IN = new RegExp(`${MARK}x(\\d+)xA{${PADDING.length}}`, 'g')

const BACKSLASH = 0x5c

const UNESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '/': '/' }

/** Each escape is replaced by a call, and there may be one for every two bytes. */
const ESCAPED_SLICE_BYTES = SLICE_BYTES / 4

interface Run {
  readonly bytes: Uint8Array
  readonly escapes: boolean
}

/** One for each request. */
export function createLongTexts(): LongTexts {
  const runs: Run[] = []
  return {
    keep(bytes, escapes) {
      runs.push({ bytes, escapes })
      return `${MARK}x${runs.length - 1}x${PADDING}`
    },
    *pieces(text) {
      let done = 0
      for (const match of text.matchAll(STAND_IN)) {
        yield* slicesOf(text, done, match.index)
        const run = runs[Number(match[1])]
        if (run !== undefined) yield* textsOf(run)
        done = match.index + match[0].length
      }
      yield* slicesOf(text, done, text.length)
    },
  }
}

function* slicesOf(text: string, start: number, end: number): Iterable<string> {
  for (let at = start; at < end; at += SLICE_BYTES) {
    yield text.slice(at, Math.min(end, at + SLICE_BYTES))
  }
}

function* textsOf({ bytes, escapes }: Run): Iterable<string> {
  for (let start = 0; start < bytes.byteLength;) {
    let end = Math.min(bytes.byteLength, start + (escapes ? ESCAPED_SLICE_BYTES : SLICE_BYTES))
    // An escape stays whole. A backslash is never escaped itself here: that is no base64.
    if (escapes && bytes[end - 1] === BACKSLASH) end += 1
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    yield escapes
      ? text.replaceAll(/\\(.)/g, (whole, letter: string) => UNESCAPED[letter] ?? whole)
      : text
    start = end
  }
}
