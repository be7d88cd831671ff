// A JSON text before it is parsed: looked through once, in slices, for how much there is in it, while
// long runs of base64 are put aside. What is left is small enough to be parsed in one go.
import { FlocapError } from '../../base/errors.ts'
import { giveWay, SLICE_BYTES } from '../../base/give-way.ts'
import type { LongTexts } from './long-texts.ts'

/** The deepest request that any dialect knows has eight levels; JSON schemas in tools add some. */
const MAX_JSON_DEPTH = 64

/** A chat of a thousand messages, each with a few members, has some four thousand. */
const MAX_JSON_VALUES = 6_000

/** Some four hundred thousand words of chat; what parses in some ten milliseconds. */
const MAX_TEXT_BYTES = 2 * 1024 * 1024

/** Shorter runs are parsed with the rest: a picture of some kilobytes, a long identifier. */
const MIN_RUN_BYTES = 4 * 1024

/** What stays of a run before its stand-in: it tells what the base64 is of. */
const KEPT_BYTES = 16

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPENING = new Set([0x7b, 0x5b])
const CLOSING = new Set([0x7d, 0x5d])

/** Of each byte whether it is a letter of base64: 1 or 0. */
const IS_BASE64 = findBase64()

function findBase64(): Uint8Array {
  const letters = new Uint8Array(256)
  for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=') {
    letters[letter.charCodeAt(0)] = 1
  }
  return letters
}

/** The letters after a backslash that base64 is written with: line breaks, and PHP's slashes. */
const BASE64_ESCAPES = new Set(Buffer.from('nrt/'))

/**
 * @returns the bytes without long runs of base64, and with stand-ins of `longTexts` in their places.
 * @throws FlocapError invalid_json, body_too_large for what is too deep, too much or too long.
 */
export async function scanJson(bytes: Uint8Array, longTexts: LongTexts): Promise<Uint8Array> {
  const left: Uint8Array[] = []
  let leftBytes = 0
  let done = 0
  let depth = 0
  let values = 1
  let inString = false
  let runStart = 0

  const leave = (part: Uint8Array) => {
    left.push(part)
    leftBytes += part.byteLength
    if (leftBytes > MAX_TEXT_BYTES) throw tooMuchText()
  }

  const endRun = (end: number) => {
    if (end - runStart >= MIN_RUN_BYTES) {
      let start = runStart + KEPT_BYTES
      if (bytes[start - 1] === BACKSLASH) start += 1
      leave(bytes.subarray(done, start))
      leave(Buffer.from(longTexts.keep(bytes.subarray(start, end), true), 'latin1'))
      done = end
    }
    if (end - done > MAX_TEXT_BYTES) throw tooMuchText()
  }

  for (let at = 0; at < bytes.byteLength;) {
    const sliceEnd = Math.min(bytes.byteLength, at + SLICE_BYTES)
    while (at < sliceEnd) {
      const byte = bytes[at] ?? 0
      if (inString) {
        if (IS_BASE64[byte] === 1) at += 1
        else if (byte === BACKSLASH && BASE64_ESCAPES.has(bytes[at + 1] ?? 0)) at += 2
        else {
          endRun(at)
          if (byte === QUOTE) inString = false
          at += byte === BACKSLASH ? 2 : 1
          runStart = at
        }
        continue
      }
      at += 1
      if (byte === QUOTE) {
        inString = true
        runStart = at
      } else if (byte === COMMA) {
        values += 1
        if (values > MAX_JSON_VALUES) throw tooMany()
      } else if (OPENING.has(byte)) {
        depth += 1
        if (depth > MAX_JSON_DEPTH) throw tooDeep()
      } else if (CLOSING.has(byte)) {
        depth -= 1
      }
    }
    if (at - done > MAX_TEXT_BYTES && !(inString && runStart <= at - MIN_RUN_BYTES)) {
      throw tooMuchText()
    }
    if (at < bytes.byteLength) await giveWay()
  }
  if (done === 0) {
    if (bytes.byteLength > MAX_TEXT_BYTES) throw tooMuchText()
    return bytes
  }
  leave(bytes.subarray(done))
  return Buffer.concat(left)
}

function tooMany(): FlocapError {
  return new FlocapError(
    'invalid_json',
    `The request body may hold ${MAX_JSON_VALUES} values, but it holds more.`,
  )
}

function tooDeep(): FlocapError {
  return new FlocapError(
    'invalid_json',
    `The request body may be nested ${MAX_JSON_DEPTH} levels deep, but it is nested deeper.`,
  )
}

function tooMuchText(): FlocapError {
  return new FlocapError(
    'body_too_large',
    `Beside its pictures the request body may have ${MAX_TEXT_BYTES} bytes, but it has more.`,
    { hint: 'Send less text. Pictures must be base64 without blanks.' },
  )
}
