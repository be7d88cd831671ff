// `metadata.jsonl` of an ImageFolder of Hugging Face's datasets: `file_name` relative to it, the caption
// in a column, `objects` where boxes were asked for. Further columns of a row stay.
import { z } from 'zod'
import type { CollectedFormat } from './format.ts'
import { createRowFormat } from './collected-text.ts'
import { parseJsonLines } from './jsonl.ts'
import { findPlaces } from './places.ts'

const row = z.looseObject({ file_name: z.string() })

/** @param column of the caption; `text` is what training scripts look for by default. */
export function createHuggingFaceFormat(column: string, hasPlaces: boolean): CollectedFormat {
  return createRowFormat({
    id: 'hf',
    file: 'metadata.jsonl',
    parse: (content) => parseJsonLines(content, (line) => row.parse(line).file_name),
    isCaptioned(line) {
      const text = row.parse(JSON.parse(line))[column]
      return typeof text === 'string' && text.trim() !== ''
    },
    render({ picture, captions, answers, width, height }, before) {
      const [caption] = captions
      // A row without a caption would train on nothing: the picture is left out of the data set.
      if (caption === undefined && !hasPlaces) return undefined
      const known = before === undefined ? {} : row.parse(JSON.parse(before))
      return JSON.stringify({
        ...known,
        file_name: picture.name,
        ...(caption === undefined ? {} : { [column]: caption }),
        ...(hasPlaces ? { objects: toObjects(findPlaces(answers, { width, height })) } : {}),
      })
    },
  })
}

/** Boxes as left, top, width, height in pixels. */
function toObjects(places: ReturnType<typeof findPlaces>) {
  return {
    bbox: places.map(({ box: [x1, y1, x2, y2] }) => [x1, y1, x2 - x1, y2 - y1]),
    categories: places.map(({ label }) => label),
  }
}
