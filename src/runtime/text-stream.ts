// Growing tokens to growing text.
//
// Decoding a prefix of an answer does not always give a prefix of its text: a character may span
// tokens, and the tokenizer removes the space before punctuation that comes later. So text is let out
// in words: whatever a following token could still change is held back.
import type { Tokenizer } from './tokenizer/tokenizer.ts'

/**
 * A new word that nothing before it can reach into and that reaches into nothing before it: a space
 * and a letter or digit, where the letter does not begin one of the joined endings (`n't`).
 */
const WORD_START = /^ [a-mo-zA-Z0-9]/

export interface TextStream {
  /** More tokens of the answer. Returns the text that has become final, often ''. */
  push(tokens: readonly number[]): string
  /** The answer is complete: the rest of its text. */
  end(): string
}

export function createTextStream(tokenizer: Tokenizer): TextStream {
  let held: number[] = []

  return {
    push(tokens) {
      let text = ''
      for (const token of tokens) {
        const piece = tokenizer.decode([token])
        if (held.length > 0 && WORD_START.test(piece)) {
          const word = tokenizer.decode(held)
          // ` ' ` loses both its spaces, so a quote waits for what comes behind it.
          if (!word.endsWith("'")) {
            text += word
            held = []
          }
        }
        held.push(token)
      }
      return text
    },
    end() {
      const rest = tokenizer.decode(held)
      held = []
      return rest
    },
  }
}
