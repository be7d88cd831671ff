// `captions.csv`: a row for each picture, for spreadsheets and databases (RFC 4180, UTF-8).
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { Captioned, CollectedFormat } from './format.ts'
import { createRowFormat } from './collected-text.ts'

/** @param tasks names of the questions: with several each has a column. */
export function createCsvFormat(tasks: readonly string[]): CollectedFormat {
  const columns = tasks.length > 1 ? tasks : ['caption', 'confidence']
  const head = ['file', ...columns, 'width', 'height']
  return createRowFormat({
    id: 'csv',
    file: 'captions.csv',
    parse(content) {
      const [first = [], ...records]: string[][] = parse(content)
      if (first.join() !== head.join()) {
        throw new TypeError(`its columns are ${first.join(', ')}, not ${head.join(', ')}`)
      }
      return new Map(records.map((record) => [record[0] ?? '', renderRecord(record)]))
    },
    render: (captioned) => renderRecord(toRecord(captioned, tasks)),
    frame: { head: `${renderRecord(head)}\n`, between: '\n', foot: '\n' },
  })
}

function toRecord(
  { picture, captions, answers, width, height }: Captioned,
  tasks: readonly string[],
): readonly (string | number)[] {
  const said =
    tasks.length > 1
      ? tasks.map((name) => answers.find(({ task }) => task === name)?.said ?? '')
      : [captions[0] ?? '', answers[0]?.confidence ?? '']
  return [picture.name, ...said, width, height]
}

function renderRecord(record: readonly (string | number)[]): string {
  return stringify([[...record]], { eof: false })
}
