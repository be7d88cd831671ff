// An answer as people read it: no control tokens, no stray white space. It works piece by piece, so
// that a streamed answer and a finished one are cleaned by the same code and come out the same.
import { createControlTokenPattern, isControlTokenPrefix } from './control-tokens.ts'

/** `paragraph`: white space of any kind is one space. `lines`: line breaks stay, empty lines go. */
export type TextLayout = 'paragraph' | 'lines'

export interface TextCleaner {
  /** The clean text that `piece` makes certain; white space is held back until more text follows. */
  push(piece: string): string
  /** What was still held back. Afterwards the cleaner is used up. */
  end(): string
}

/** Control characters that are not white space: escape sequences must not reach a terminal. */
// oxlint-disable-next-line no-control-regex -- finding control characters is its purpose
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]/g

const WHITE_SPACE_OR_WORD = /[\s\u0085]+|[^\s\u0085]+/g
const WHITE_SPACE = /^[\s\u0085]/
const LINE_BREAK = /[\n\r\u0085\u2028\u2029]/

export function createTextCleaner(layout: TextLayout): TextCleaner {
  let held = ''
  let started = false
  let gap = ''

  function tidy(text: string): string {
    let out = ''
    for (const [run] of text.replaceAll(CONTROL_CHARACTERS, '').matchAll(WHITE_SPACE_OR_WORD)) {
      if (WHITE_SPACE.test(run)) {
        const breaks = layout === 'lines' && (gap === '\n' || LINE_BREAK.test(run))
        gap = breaks ? '\n' : ' '
      } else {
        out += started ? gap + run : run
        started = true
        gap = ''
      }
    }
    return out
  }

  return {
    push(piece) {
      const { plain, rest } = takePlainText(held + piece)
      held = rest
      return tidy(plain)
    },
    end() {
      const rest = held
      held = ''
      return tidy(rest)
    },
  }
}

/** The whole of `text` cleaned; empty when nothing but tokens and white space was in it. */
export function cleanText(text: string, layout: TextLayout): string {
  const cleaner = createTextCleaner(layout)
  return cleaner.push(text) + cleaner.end()
}

/** `text` without control tokens, up to where its last characters may be the start of one. */
function takePlainText(text: string): { plain: string; rest: string } {
  const token = createControlTokenPattern('y')
  let plain = ''
  let position = 0
  while (position < text.length) {
    const open = text.indexOf('<', position)
    if (open === -1) return { plain: plain + text.slice(position), rest: '' }
    plain += text.slice(position, open)
    token.lastIndex = open
    if (token.test(text)) {
      position = token.lastIndex
    } else if (isControlTokenPrefix(text.slice(open, open + LONGEST_LOOK))) {
      // Only when the text ends here: a prefix followed by other characters is no prefix.
      return { plain, rest: text.slice(open) }
    } else {
      plain += '<'
      position = open + 1
    }
  }
  return { plain, rest: '' }
}

/** Longer than every control token, so that a cut text is never taken for a prefix. */
const LONGEST_LOOK = 32
