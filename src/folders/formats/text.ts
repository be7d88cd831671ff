// `photo.txt` and `photo.caption`: one line, UTF-8 without a mark, LF. kohya's scripts read the first
// line only, OneTrainer and SimpleTuner take every line for another caption.
import type { BesideFormat, Captioned } from './format.ts'
import { besidePath, type Naming } from './names.ts'

export interface TextOptions {
  readonly ending: 'txt' | 'caption'
  readonly naming: Naming
  /** Joins a caption to what is there; undefined replaces it. */
  readonly joiner?: string | undefined
}

export function createTextFormat({ ending, naming, joiner }: TextOptions): BesideFormat {
  return {
    kind: 'beside',
    id: ending,
    fileOf: (picture) => besidePath(picture, `.${ending}`, naming),
    stateOf: (content) => {
      if (decodeText(content).trim() === '') return 'missing'
      return joiner === undefined ? 'captioned' : 'open'
    },
    async render({ captions }: Captioned, before) {
      if (captions.length === 0) return undefined
      const text = captions.join('\n')
      const old = before === undefined || joiner === undefined ? '' : decodeText(before).trim()
      return `${old === '' ? text : `${old}${joiner}${text}`}\n`
    },
  }
}

const DECODER = new TextDecoder()

export function decodeText(content: Uint8Array): string {
  return DECODER.decode(content)
}
