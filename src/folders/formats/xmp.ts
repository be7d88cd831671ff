// `photo.jpg.xmp`: alternative text, description and keywords as IPTC and Dublin Core name them, for photo
// archives and screen readers. What else the file says, ratings and edits above all, stays.
import type { BesideFormat, Captioned } from './format.ts'
import { besidePath, type Naming } from './names.ts'
import { decodeText } from './text.ts'
import { tagsOf } from './tags-of.ts'
import { mergeXmp, readXmpTexts, type XmpTexts } from './xmp-document.ts'
import { ALT_TEXT_CHARACTERS, cutToCharacters } from '../../caption/rules/length.ts'

/** @param naming `full`: `photo.jpg.xmp` as digiKam and darktable; `stem`: `photo.xmp` as Lightroom. */
export function createXmpFormat(naming: Naming): BesideFormat {
  return {
    kind: 'beside',
    id: 'xmp',
    fileOf: (picture) => besidePath(picture, '.xmp', naming),
    stateOf(content) {
      const text = decodeText(content)
      if (text.trim() === '') return 'missing'
      const { alt, description } = readXmpTexts(text)
      return alt === undefined && description === undefined ? 'open' : 'captioned'
    },
    async render(captioned, before) {
      const texts = toXmpTexts(captioned)
      if (texts === undefined) return undefined
      return mergeXmp(before === undefined ? undefined : decodeText(before), texts)
    },
  }
}

/** Undefined when there is nothing to say about the picture. */
export function toXmpTexts({ captions, answers }: Captioned): XmpTexts | undefined {
  const [first] = captions
  const tags = tagsOf(answers)
  if (first === undefined) return tags.length === 0 ? undefined : { tags }
  const longest = captions.reduce((a, b) => (b.length > a.length ? b : a))
  return {
    alt: cutToCharacters(first, ALT_TEXT_CHARACTERS),
    extended: longest,
    description: first,
    tags,
  }
}
