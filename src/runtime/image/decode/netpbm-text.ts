// The words of a Netpbm file: its header, and in the text forms its samples too.
import { damagedPicture } from './picture-errors.ts'

/** Pillow's limit; a number of a picture within the limits is shorter. */
const MAX_DIGITS = 10
const COMMENT = 0x23
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const ZERO = 0x30

/** Space, tab, line feed, vertical tab, form feed, carriage return. */
export function isWhitespace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d)
}

export class TextReader {
  at: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  /**
   * A number of the header, and the one whitespace byte that ends it. A comment, from `#` to the end
   * of its line, may stand between digits.
   */
  number(what: string): number {
    let digits = ''
    for (; this.at < this.#bytes.length; this.at += 1) {
      const byte = this.#bytes[this.at]
      if (byte === COMMENT) {
        this.#skipComment()
      } else if (!isWhitespace(byte)) {
        digits += String.fromCharCode(byte ?? 0)
        if (digits.length > MAX_DIGITS) break
      } else if (digits !== '') {
        this.at += 1
        break
      }
    }
    if (/^\d{1,10}$/.test(digits)) return Number(digits)
    throw damagedPicture(
      'netpbm',
      digits === ''
        ? 'it ends too early'
        : `its ${what} is ${JSON.stringify(digits)}, not a number`,
    )
  }

  /** A number of the text forms: only whitespace ends it. */
  sample(): number {
    this.#skipSpace()
    let value = 0
    let digits = 0
    for (; this.at < this.#bytes.length; this.at += 1) {
      const byte = this.#bytes[this.at]
      if (byte === COMMENT || isWhitespace(byte)) break
      const digit = (byte ?? 0) - ZERO
      digits += 1
      if (digit < 0 || digit > 9 || digits > MAX_DIGITS) {
        throw damagedPicture('netpbm', 'one of its samples is not a number')
      }
      value = value * 10 + digit
    }
    if (digits === 0) throw damagedPicture('netpbm', 'it ends too early')
    return value
  }

  /** A 0 or 1 of the text form of bitmaps, which need no space between them. */
  bit(): number {
    this.#skipSpace()
    const bit = (this.#bytes[this.at] ?? NaN) - ZERO
    if (Number.isNaN(bit)) throw damagedPicture('netpbm', 'it ends too early')
    if (bit !== 0 && bit !== 1) throw damagedPicture('netpbm', 'one of its bits is neither 0 nor 1')
    this.at += 1
    return bit
  }

  #skipSpace(): void {
    for (; this.at < this.#bytes.length; this.at += 1) {
      const byte = this.#bytes[this.at]
      if (byte === COMMENT) this.#skipComment()
      else if (!isWhitespace(byte)) return
    }
  }

  /** Stops at the end of the line. */
  #skipComment(): void {
    while (this.at < this.#bytes.length) {
      const byte = this.#bytes[this.at]
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) return
      this.at += 1
    }
  }
}
