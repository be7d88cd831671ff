// `photo.json`: everything known about one picture, as one object.
import { posix } from 'node:path'
import type { BesideFormat, Captioned } from './format.ts'
import { besidePath, type Naming } from './names.ts'
import { decodeText } from './text.ts'

/** One object about a picture: also a line of `captions.jsonl` and of `--json`. */
export function toPictureJson(file: string, { width, height, captions, answers }: Captioned) {
  const [caption] = captions
  return {
    file,
    width,
    height,
    ...(caption === undefined ? {} : { caption }),
    // What was said on one line is in the text already.
    answers: answers.map((answer) => ({ ...answer, said: undefined })),
  }
}

export function createJsonFormat(naming: Naming): BesideFormat {
  return {
    kind: 'beside',
    id: 'json',
    fileOf: (picture) => besidePath(picture, '.json', naming),
    stateOf: (content) => (decodeText(content).trim() === '' ? 'missing' : 'captioned'),
    async render(captioned) {
      const file = posix.basename(captioned.picture.name)
      return `${JSON.stringify(toPictureJson(file, captioned), undefined, 2)}\n`
    },
  }
}
