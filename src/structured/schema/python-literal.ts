// Objects as Python prints them, `{'type': 'object', 'strict': True}`: prompts that programs in Python
// put together by f-strings show schemas and tools in this form.

const WORDS: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
])

/** Tuples are lists. */
const BRACKETS: ReadonlyMap<string, string> = new Map([
  ['(', '['],
  [')', ']'],
])

const STRING = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y
const WORD = /[A-Za-z_]\w*/y
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/g
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
const LAST_CODE_POINT = 0x10ffff

export interface PythonLiteral {
  readonly value: unknown
  /** Behind its last character. */
  readonly end: number
}

/** What may stand between strings, words and numbers. */
const SIGNS = '{}[](),: \n\r\t'

/**
 * Reads objects of `text`: of all attempts together at most as many signs as the text is long, since a
 * brace that is never closed would be followed to the end of the text each time.
 *
 * @returns a function that gives the object whose brace stands at `start`; undefined where it is none
 *   that Python prints.
 */
export function createPythonReader(text: string): (start: number) => PythonLiteral | undefined {
  let left = text.length
  return (start) => {
    let json = ''
    let depth = 0
    for (let at = start; at < text.length && left > 0;) {
      const sign = text[at] ?? ''
      const piece = readPiece(text, at)
      if (piece === undefined && !SIGNS.includes(sign)) return undefined
      json += piece === undefined ? (BRACKETS.get(sign) ?? sign) : translate(piece)
      at += piece?.length ?? 1
      left -= piece?.length ?? 1
      if (piece !== undefined) continue
      if ('{[('.includes(sign)) depth += 1
      if ('}])'.includes(sign)) depth -= 1
      if (depth === 0) return parse(json, at)
    }
    return undefined
  }
}

function readPiece(text: string, at: number): string | undefined {
  const sign = text[at] ?? ''
  if (sign === "'" || sign === '"') return matchAt(STRING, text, at)
  if (SIGNS.includes(sign)) return undefined
  const word = matchAt(WORD, text, at)
  return word === undefined || WORDS.has(word) ? (word ?? matchAt(NUMBER, text, at)) : undefined
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function translate(piece: string): string {
  if (!/^['"]/.test(piece)) return WORDS.get(piece) ?? piece
  return JSON.stringify(
    piece
      .slice(1, -1)
      .replaceAll(ESCAPE, (whole, x?: string, u?: string, long?: string, sign = '') => {
        const code = x ?? u ?? long
        if (code === undefined) return ESCAPED.get(sign) ?? sign
        const point = Number.parseInt(code, 16)
        return point > LAST_CODE_POINT ? whole : String.fromCodePoint(point)
      }),
  )
}

function parse(json: string, end: number): PythonLiteral | undefined {
  try {
    return { value: JSON.parse(json), end }
  } catch {
    return undefined
  }
}
