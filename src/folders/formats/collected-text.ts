// One text file about all pictures: rows of other pictures stay as they are and stand first, then come
// those of the run in its order.
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import { readError } from '../../base/file-errors.ts'
import { systemCode } from '../../base/system-errors.ts'
import { replaceFileBy } from '../../base/replace-file.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { Captioned, CollectedFormat, Row } from './format.ts'

/** How a file of a row for each picture is read and written. */
export interface RowSyntax {
  readonly id: string
  readonly file: string
  /** What rows are called by; default the picture's name. */
  readonly keyOf?: (picture: PictureFile) => string
  /** Rows by their keys, in their order. @throws an error that says what is wrong with `content`. */
  readonly parse: (content: string) => ReadonlyMap<string, string>
  /** Whether a row says something already; default yes. */
  readonly isCaptioned?: (row: string) => boolean
  /** Without the end of the line. @param before the row that is there. */
  readonly render: (captioned: Captioned, before: string | undefined) => string | undefined
  /** What stands before, between and behind the rows; by default each is a line. */
  readonly frame?: { readonly head: string; readonly between: string; readonly foot: string }
}

const LINES = { head: '', between: '\n', foot: '\n' }

export function createRowFormat(syntax: RowSyntax): CollectedFormat {
  const { id, file, keyOf = ({ name }) => name, isCaptioned = () => true } = syntax
  return {
    kind: 'collected',
    id,
    async open(output) {
      const path = join(output, file)
      const before = await readRows(path, syntax)
      return {
        has(picture) {
          const row = before.get(keyOf(picture))
          return row !== undefined && isCaptioned(row)
        },
        async finish(rows) {
          await writeRows(path, mergeRows(before, rows, syntax, keyOf), syntax)
        },
      }
    },
  }
}

async function readRows(path: string, { parse }: RowSyntax): Promise<ReadonlyMap<string, string>> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return new Map()
    throw readError(path, error)
  }
  try {
    return content.trim() === '' ? new Map() : parse(content.replace(/^\uFEFF/, ''))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FlocapError('file_not_written', `${path} is of another form: ${reason}.`, {
      subject: path,
      hint: 'Move it away, or choose another folder with --out.',
      cause,
    })
  }
}

/** The rows of the file, and whose file they are needed for only while they are written. */
async function* mergeRows(
  before: ReadonlyMap<string, string>,
  rows: AsyncIterable<Row>,
  { render }: RowSyntax,
  keyOf: (picture: PictureFile) => string,
): AsyncGenerator<string> {
  const left = new Map(before)
  const mine: string[] = []
  for await (const { picture, captioned } of rows) {
    const key = keyOf(picture)
    const old = before.get(key)
    left.delete(key)
    const row = captioned === undefined ? old : (render(captioned, old) ?? old)
    if (row !== undefined) mine.push(row)
  }
  yield* left.values()
  yield* mine
}

async function writeRows(
  path: string,
  rows: AsyncIterable<string>,
  { frame = LINES }: RowSyntax,
): Promise<void> {
  await replaceFileBy(path, async (unfinished) => {
    const file = await open(unfinished, 'wx')
    try {
      await file.write(frame.head)
      let isFirst = true
      for await (const row of rows) {
        await file.write(isFirst ? row : frame.between + row)
        isFirst = false
      }
      await file.write(isFirst && frame === LINES ? '' : frame.foot)
      await file.datasync()
    } finally {
      await file.close()
    }
  })
}
