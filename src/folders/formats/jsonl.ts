// `captions.jsonl`: a line of JSON about each picture.
import { z } from 'zod'
import type { CollectedFormat } from './format.ts'
import { createRowFormat } from './collected-text.ts'
import { toPictureJson } from './json.ts'

const named = z.looseObject({ file: z.string() })

export const JSONL_FORMAT: CollectedFormat = createRowFormat({
  id: 'jsonl',
  file: 'captions.jsonl',
  parse: (content) => parseJsonLines(content, (row) => named.parse(row).file),
  render: (captioned) => JSON.stringify(toPictureJson(captioned.picture.name, captioned)),
})

/** Lines by what `keyOf` finds in each. @throws an error naming the line that is none. */
export function parseJsonLines(
  content: string,
  keyOf: (row: unknown) => string,
): ReadonlyMap<string, string> {
  const rows = new Map<string, string>()
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    try {
      rows.set(keyOf(JSON.parse(line)), line)
    } catch {
      throw new TypeError(`line ${index + 1} is not what was expected there`)
    }
  }
  return rows
}
