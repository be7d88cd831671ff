// `meta_cap.json`, as kohya's fine-tuning scripts read it: captions and tags by the name of the picture
// without its ending. What else is known of a picture there stays.
import { z } from 'zod'
import type { CollectedFormat } from './format.ts'
import { createRowFormat } from './collected-text.ts'
import { type Naming, nameStem } from './names.ts'
import { tagsOf } from './tags-of.ts'

const known = z.looseObject({ caption: z.string().optional() })
const metadata = z.record(z.string(), known)

export function createKohyaFormat(naming: Naming, areTags: boolean): CollectedFormat {
  const keyOf = (picture: Parameters<typeof nameStem>[0]): string =>
    // The scripts look for a file of this name first, then for the name with any ending.
    nameStem(picture, naming)
  return createRowFormat({
    id: 'kohya',
    file: 'meta_cap.json',
    keyOf,
    parse(content) {
      const entries = Object.entries(metadata.parse(JSON.parse(content)))
      return new Map(entries.map(([key, value]) => [key, renderEntry(key, value)]))
    },
    isCaptioned: (row) => {
      const [entry] = Object.values(metadata.parse(JSON.parse(`{${row}}`)))
      return (areTags ? entry?.['tags'] : entry?.caption) !== undefined
    },
    render({ picture, captions, answers }, before) {
      const [caption] = captions
      if (caption === undefined) return undefined
      const [old] =
        before === undefined ? [] : Object.values(metadata.parse(JSON.parse(`{${before}}`)))
      const tags = tagsOf(answers)
      return renderEntry(keyOf(picture), {
        ...old,
        ...(areTags ? { tags: caption } : { caption }),
        ...(!areTags && tags.length > 0 ? { tags: tags.join(', ') } : {}),
      })
    },
    frame: { head: '{\n', between: ',\n', foot: '\n}\n' },
  })
}

function renderEntry(key: string, value: object): string {
  return `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`
}
