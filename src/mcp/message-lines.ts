// Standard input, message by message: each line is passed on as a whole, one that is too long is refused.
//
// The SDK's own reader joins what it has with every piece that comes, which takes minutes for a photo,
// and falls silent for good after a message beyond its limit.
import { Transform, type TransformCallback } from 'node:stream'

const NEWLINE = 0x0a
/** Of a message that is too long: where its id stands, in front of what is long or behind it. */
const KEPT_BYTES = 512

/** The last or the first member of a request, as every client writes it. */
const ID_AT_END = /"id"\s*:\s*(\d{1,16}|"[^"\\]{0,200}")\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/
const ID_AT_START =
  /^\s*\{(?:\s*"jsonrpc"\s*:\s*"2\.0"\s*,)?\s*"id"\s*:\s*(\d{1,16}|"[^"\\]{0,200}")\s*,/

export interface TooLong {
  /** Undefined where it could not be found. */
  readonly id: number | string | undefined
  readonly bytes: number
}

/**
 * @param maxBytes of one message, its end of line not counted.
 * @param onTooLong called for each longer one, which is left out.
 */
export function createMessageLines(
  maxBytes: number,
  onTooLong: (message: TooLong) => void,
): Transform {
  let pieces: Buffer[] = []
  let bytes = 0
  /** Once it is too long: its beginning and its end so far. */
  let ends: { readonly start: string; tail: Buffer } | undefined

  function add(piece: Buffer): void {
    bytes += piece.byteLength
    if (ends !== undefined) {
      ends.tail = Buffer.concat([ends.tail, piece.subarray(-KEPT_BYTES)]).subarray(-KEPT_BYTES)
      return
    }
    pieces.push(piece)
    if (bytes <= maxBytes) return
    const all = Buffer.concat(pieces)
    pieces = []
    ends = {
      start: all.toString('utf8', 0, KEPT_BYTES),
      tail: Buffer.from(all.subarray(-KEPT_BYTES)),
    }
  }

  /** The whole line, unless it was too long; a next one begins. */
  function finish(): Buffer | undefined {
    const line = ends === undefined ? Buffer.concat([...pieces, Buffer.from('\n')]) : undefined
    if (ends !== undefined) {
      onTooLong({ id: idIn(ends.start, ends.tail.toString('utf8')), bytes })
    }
    pieces = []
    bytes = 0
    ends = undefined
    return line
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      let start = 0
      for (;;) {
        const end = chunk.indexOf(NEWLINE, start)
        if (end === -1) break
        add(chunk.subarray(start, end))
        const line = finish()
        if (line !== undefined) this.push(line)
        start = end + 1
      }
      if (start < chunk.byteLength) add(chunk.subarray(start))
      done()
    },
    flush(done) {
      done(null, bytes === 0 ? undefined : finish())
    },
  })
}

function idIn(start: string, tail: string): number | string | undefined {
  const found = ID_AT_END.exec(tail)?.[1] ?? ID_AT_START.exec(start)?.[1]
  if (found === undefined) return undefined
  return found.startsWith('"') ? found.slice(1, -1) : Number(found)
}
