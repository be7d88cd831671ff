// `captions.csv`: a row for each picture, for spreadsheets and databases (RFC 4180, UTF-8). What a
// spreadsheet would take for a formula gets a `'` in front: a picture can have one written on it.
import { parse } from 'csv-parse/sync'
import { type Options, stringify } from 'csv-stringify/sync'
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
      return new Map(records.map((record) => [withoutMark(record[0] ?? ''), renderRecord(record)]))
    },
    render: (captioned) => renderRecord(toRecord(captioned, tasks), ESCAPED),
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

const ESCAPED = { escape_formulas: true }

/** Rows that are there are written as they are. */
function renderRecord(record: readonly (string | number)[], options: Options = {}): string {
  return stringify([[...record]], { eof: false, ...options })
}

/** A picture's name as it is: the mark stands before characters that begin a formula, and no others. */
function withoutMark(cell: string): string {
  return /^'[-=+@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/.test(cell) ? cell.slice(1) : cell
}
