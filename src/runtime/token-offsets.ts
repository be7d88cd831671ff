// Where in a decoded answer its tokens stand: what ties a label or a box to the probabilities of the
// tokens that it was written with.
import { createControlTokenPattern } from '../caption/control-tokens.ts'

/**
 * For each token the place of `text` where it begins. Ordinary tokens have no exact place, because
 * characters may span several and decoding removes spaces: all those between two control tokens
 * count as beginning where the first of them does.
 *
 * @param text what `tokens` decode to, possibly cut: tokens behind the cut begin at its end.
 * @param pieceOf the text of one token.
 */
export function locateTokens(
  tokens: readonly number[],
  text: string,
  pieceOf: (token: number) => string,
): number[] {
  const control = createControlTokenPattern('y')
  let stretch = 0
  return tokens.map((token) => {
    const piece = pieceOf(token)
    control.lastIndex = 0
    if (!control.test(piece) || control.lastIndex !== piece.length) return stretch
    const found = text.indexOf(piece, stretch)
    const place = found === -1 ? text.length : found
    stretch = Math.min(text.length, place + piece.length)
    return place
  })
}
