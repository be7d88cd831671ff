// Text from elsewhere on a terminal: names of files, tensors and models may hold escape sequences
// that move the cursor, recolour or rename the window, or make a line read backwards.

/**
 * C0 and C1 controls, DEL, line and paragraph separators, and the marks that turn or hide text
 * (bidirectional controls, zero-width spaces, tags); lone surrogates cannot be written at all. The
 * joiners U+200C and U+200D stay: Persian words and emoji are spelt with them.
 */
const UNPRINTABLE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF]|[\u{E0000}-\u{E007F}]/gu

/** Most characters of such a text that a terminal shows. */
const MAX_SHOWN = 2_000

/** `text` with every such character written as its escape; what is harmless stays as it is. */
export function toPrintable(text: string): string {
  return escape(shorten(text), () => false)
}

/** The same for texts of several lines: line feeds and tabs stay. */
export function toPrintableLines(text: string): string {
  return escape(text, (character) => character === '\n' || character === '\t')
}

/** A line of JSON whose texts hold no such character: JSON itself escapes only those below U+0020. */
export function toPrintableJson(line: string): string {
  return line.replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : toJsonEscapes(character),
  )
}

/** One `\\uXXXX` for each UTF-16 unit. */
function toJsonEscapes(character: string): string {
  return Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('')
}

function escape(text: string, isKept: (character: string) => boolean): string {
  return text.replace(UNPRINTABLE, (character) =>
    isKept(character) ? character : escapeOf(character),
  )
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
