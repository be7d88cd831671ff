// From flags to a run: everything that can be wrong with them is found before a model is loaded.
import { resolve } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import { type CaptionLength } from '../../caption/rules/length.ts'
import { compileTextRules } from '../../caption/rules/text-rules.ts'
import { DEFAULT_TASK, type TaskId } from '../../caption/tasks.ts'
import { parseQuestions } from '../../folders/ask/questions.ts'
import { findExifTool } from '../../folders/embed/find-exiftool.ts'
import { createFormats, parseFormats } from '../../folders/formats/create-formats.ts'
import { createEmbedFormat } from '../../folders/formats/embed.ts'
import type { RunOptions } from '../../folders/run/caption-pictures.ts'
import { type CaptionFlags, parseNumber, toMode, toTextRules } from './options.ts'

/** An engine shares its steps between four; two more are read and decoded meanwhile. */
const DEFAULT_JOBS = 6
/** A server's queue takes dozens; what it works on at once is its own choice. */
const SERVER_JOBS = 8
const MAX_JOBS = 256
/** Nobody has more pictures, and a number with too many zeros is a mistake. */
const MAX_COUNT = 1_000_000_000

/** The task for a length, where none was named. */
const TASK_OF_LENGTH: Readonly<Record<CaptionLength, TaskId>> = {
  short: 'caption',
  normal: 'detailed_caption',
  long: 'more_detailed_caption',
  alt: 'caption',
}

export type PreparedRun = Omit<RunOptions, 'pictures' | 'source' | 'signal'>

/** @throws FlocapError for flags that are wrong, do not go together, or need a program that is not here. */
export async function prepareRun(flags: CaptionFlags): Promise<PreparedRun> {
  assertBatch(flags)
  const { length, names: naming = 'stem', lines = false, column = 'text', tags = false } = flags
  const task = flags.task ?? (length === undefined ? DEFAULT_TASK : TASK_OF_LENGTH[length])
  const questions = parseQuestions({ ...flags, task })
  const rules = compileTextRules(toTextRules(flags))
  const mode = toMode(flags)
  const ids = formatNames(flags).flatMap(parseFormats)
  const formats = createFormats(ids, {
    questions,
    naming,
    xmpNaming: flags.xmpName === true ? 'stem' : 'full',
    lines,
    appends: mode === 'append',
    areTags: tags,
    column,
  })
  if (mode === 'append') assertAppends(ids)
  const embeds = flags.embed === true
  const minScore = parseNumber('--min-score', flags.minScore, { least: 0, most: 1, whole: false })
  return {
    questions,
    rules,
    minScore: minScore ?? 0,
    formats: embeds ? [...formats, createEmbedFormat(await findExifTool())] : formats,
    mode,
    jobs:
      parseCount('--jobs', flags.jobs, MAX_JOBS) ??
      (flags.server === undefined ? DEFAULT_JOBS : SERVER_JOBS),
    keepsJournal: flags.journal !== false,
    optionsKey: JSON.stringify([
      ids,
      naming,
      flags.xmpName,
      embeds,
      lines,
      column,
      minScore,
      rules.map(({ name }) => name),
    ]),
  }
}

export function parseCount(
  flag: string,
  text: string | undefined,
  most: number = MAX_COUNT,
): number | undefined {
  return parseNumber(flag, text, { least: 1, most, whole: true })
}

function formatNames({ format = [], sidecar }: CaptionFlags): readonly string[] {
  return [...format, ...(sidecar === undefined ? [] : [sidecar])]
}

/** Where everything goes; undefined for beside the pictures. */
export function outFolder({ out }: CaptionFlags): string | undefined {
  return out === undefined ? undefined : resolve(out)
}

function assertBatch({ batch, server, watch, watchPoll }: CaptionFlags): void {
  if (batch !== true) return
  if (server === undefined) {
    throw new FlocapError('invalid_request', 'Expected --server with --batch, got none.', {
      subject: '--batch',
      hint: 'Give --server http://host:5000, the address of a running FloCap.',
    })
  }
  if (watch !== true && watchPoll === undefined) return
  throw new FlocapError('invalid_request', '--batch and --watch exclude each other.', {
    subject: '--batch',
    hint: 'Leave --batch out: what appears is captioned at once.',
  })
}

function assertAppends(formats: readonly string[]): void {
  const others = formats.filter((format) => format !== 'txt' && format !== 'caption')
  if (formats.length > 0 && others.length === 0) return
  throw new FlocapError('invalid_request', '--append adds to text files, and to nothing else.', {
    subject: '--append',
    hint: 'Use it with --format txt or caption.',
  })
}

/** Standard input has no place for a file beside it. */
export function assertWritable(formats: PreparedRun['formats'], readsStandardInput: boolean): void {
  if (formats.length === 0 || !readsStandardInput) return
  throw new FlocapError(
    'invalid_request',
    'A picture from standard input has no place for files.',
    {
      subject: '--format',
      hint: 'Name the file, or leave --format out and use what is printed.',
    },
  )
}
