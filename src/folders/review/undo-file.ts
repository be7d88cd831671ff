// `.flocap/review-undo.jsonl`: what the last step that changed many captions replaced, so that it can be
// taken back, also after the page or the program was closed or the machine went down in its middle.
import { open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { fileError, readError } from '../../base/file-errors.ts'
import { makeFolder } from '../../base/make-folder.ts'
import { replaceFile } from '../../base/replace-file.ts'
import { systemCode } from '../../base/system-errors.ts'
import { JOURNAL_FOLDER } from '../journal/open-place.ts'

const FILE = 'review-undo.jsonl'

const head = z.object({ step: z.string(), time: z.string() })

const caption = z.string().nullable()
const change = z.object({ name: z.string(), before: caption, after: caption })

/** A caption before and after a step; null for none. */
export type Change = z.infer<typeof change>

export interface LastStep extends z.infer<typeof head> {
  readonly changes: readonly Change[]
}

export interface UndoFile {
  /**
   * Before anything is changed. A step may come in parts; a new one takes the place of the last.
   * @throws FlocapError `disk_full` or `file_not_written`.
   */
  record(step: string, changes: readonly Change[]): Promise<void>
  /** Undefined when there is none. @throws FlocapError when it cannot be read. */
  read(): Promise<LastStep | undefined>
}

/** @param output the folder of the journal. */
export function openUndoFile(output: string): UndoFile {
  const path = join(output, JOURNAL_FOLDER, FILE)
  /** Of the file, as this process has written it. */
  let current: string | undefined

  return {
    async record(step, changes) {
      const lines = changes.map(renderLine).join('')
      try {
        if (step === current) return await append(path, lines)
        await makeFolder(dirname(path))
        await replaceFile(path, renderLine({ step, time: new Date().toISOString() }) + lines)
        current = step
      } catch (error) {
        throw fileError(path, error)
      }
    },
    read: async () => parseStep(await readLines(path)),
  }
}

function renderLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

async function append(path: string, lines: string): Promise<void> {
  const file = await open(path, 'a')
  try {
    await file.appendFile(lines)
    await file.datasync()
  } finally {
    await file.close()
  }
}

async function readLines(path: string): Promise<readonly string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw readError(path, error)
  }
}

/** A line that a crash left unfinished was followed by no change. */
function parseStep([first = '', ...lines]: readonly string[]): LastStep | undefined {
  const step = parseJson(head, first)
  if (step === undefined) return undefined
  return { ...step, changes: lines.flatMap((line) => parseJson(change, line) ?? []) }
}

function parseJson<Schema extends z.ZodType>(
  schema: Schema,
  line: string,
): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
