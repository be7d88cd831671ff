// Streams JSON whose first text is known while it grows, so that all pieces together are the answer.
import { FlocapError } from '../../base/errors.ts'

export interface JsonTextWriter {
  /** A piece of the text. */
  add(piece: string): void
  /** The whole answer. @throws FlocapError `internal_error` when it begins otherwise. */
  finish(json: string): void
}

/** A title loses its full stop, and half a character is none: both wait for what comes behind. */
const UNCERTAIN_END = /[.\s\uD800-\uDBFF]+$/

/** @param opening of the JSON up to the text; undefined when nothing is known before the end. */
export function createJsonTextWriter(
  opening: string | undefined,
  onText: (text: string) => void,
): JsonTextWriter {
  let text = ''
  let sent = ''

  function send(certain: string): void {
    if (certain.length <= sent.length) return
    onText(certain.slice(sent.length))
    sent = certain
  }

  return {
    add(piece) {
      text += piece
      const certain = text.trimStart().replace(UNCERTAIN_END, '')
      if (opening !== undefined && certain !== '') {
        send(opening + JSON.stringify(certain).slice(1, -1))
      }
    },
    finish(json) {
      if (!json.startsWith(sent)) {
        throw new FlocapError('internal_error', 'The streamed JSON differs from the final answer.')
      }
      send(json)
    },
  }
}
