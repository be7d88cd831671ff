// Pictures that stand inside a text: data URLs in Markdown, and the base64 of files that tools give
// back as a string.

import type { Part } from './conversation.ts'

/** Where a picture may begin: a data URL, or the first bytes of PNG, JPEG, GIF and RIFF in base64. */
const BEGINNINGS = /data:image\/|iVBORw0KGgo|\/9j\/4|R0lGOD[dl]h|UklGR/g

const DATA_URL_HEADER = /data:image\/[\w.+-]{1,60}(?:;[\w.=+-]{1,60}){0,4}?;base64,/y

const BASE64_RUN = /[A-Za-z0-9+/_-]*={0,2}/y

/** Shorter runs are examples in a sentence, not pictures: the least PNG has 67 bytes. */
const MIN_BASE64_CHARACTERS = 64

/** What may stand right before a picture that is no data URL. */
const BOUNDARY = /^[\s"'`(,:>]$/

/** The text and the pictures in it, in their order; text that is nothing but blanks is left out. */
export function splitPictures(text: string, field: string): Part[] {
  const parts: Part[] = []
  let done = 0
  for (const { index } of text.matchAll(BEGINNINGS)) {
    // It may be the data of the picture just found.
    const end = index < done ? undefined : endOfPicture(text, index)
    if (end === undefined) continue
    parts.push(...textPart(text.slice(done, index)))
    parts.push({ kind: 'image', source: text.slice(index, end), field })
    done = end
  }
  return done === 0 ? [{ kind: 'text', text }] : [...parts, ...textPart(text.slice(done))]
}

/** Undefined when what begins at `start` is no picture. */
function endOfPicture(text: string, start: number): number | undefined {
  DATA_URL_HEADER.lastIndex = start
  const header = DATA_URL_HEADER.exec(text)?.[0]
  if (header === undefined && start > 0 && !BOUNDARY.test(text.charAt(start - 1))) return undefined
  BASE64_RUN.lastIndex = start + (header?.length ?? 0)
  const length = BASE64_RUN.exec(text)?.[0].length ?? 0
  return length < MIN_BASE64_CHARACTERS ? undefined : start + (header?.length ?? 0) + length
}

function textPart(text: string): Part[] {
  return text.trim() === '' ? [] : [{ kind: 'text', text }]
}
