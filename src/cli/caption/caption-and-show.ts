// A run on a terminal or in a pipe: captions on standard output, failures and progress on standard error.
import { toPrintable } from '../../base/printable.ts'
import type { Draw } from '../../caption/draw-findings.ts'
import type { PictureFile } from '../../folders/inputs/picture-file.ts'
import { captionPictures } from '../../folders/run/caption-pictures.ts'
import type { Outcome } from '../../folders/run/outcome.ts'
import type { Tally } from '../../folders/run/tally.ts'
import type { Sheet } from '../../folders/sheet/write-sheet.ts'
import { reportFailure } from '../report.ts'
import { showBulkNews } from './bulk-news.ts'
import { writeDrawing } from './drawing.ts'
import type { Source } from './open-source.ts'
import type { CaptionFlags } from './options.ts'
import type { PreparedRun } from './prepare-run.ts'
import { describeEmptyAnswers, type PrintOptions, renderOutcome } from './print.ts'
import { createProgressLine, type ProgressLine } from './progress-line.ts'
import { openStandardOutput } from './standard-output.ts'

export interface ShownRun {
  readonly run: PreparedRun
  readonly source: Source
  readonly flags: CaptionFlags
  readonly tally: Tally
  /** By Ctrl-C: what is running is finished. */
  readonly interrupted: AbortSignal
  /** Gets every picture, one after the other. */
  readonly sheet?: Sheet | undefined
}

/** How a run ended: `stopped` by Ctrl-C before all was done, `unread` when no program takes its lines. */
export type RunEnd = 'done' | 'stopped' | 'unread'

/** @throws FlocapError when the run as a whole fails: no model, a full disk. */
export async function captionAndShow(
  pictures: readonly PictureFile[],
  { run, source, flags, tally, interrupted, sheet }: ShownRun,
): Promise<RunEnd> {
  const output = openStandardOutput()
  const unread = new AbortController()
  const signal = AbortSignal.any([interrupted, unread.signal])
  const printing = toPrintOptions(pictures, run, flags)
  // On one terminal captions and the line would push each other about: files have them.
  const showsLines = !(run.formats.length > 0 && process.stdout.isTTY)
  const hasLine =
    pictures.length > 1 && process.stderr.isTTY && !(showsLines && process.stdout.isTTY)
  const line = hasLine ? createProgressLine(pictures.length) : undefined
  const sayFinishing = (): void =>
    say(line, 'Finishing what is running; Ctrl-C again ends at once.')
  const showNews = showBulkNews(line, (text) => say(line, text))
  interrupted.addEventListener('abort', sayFinishing)
  source.news.on('bulk', showNews)
  let done = 0
  try {
    for await (const outcome of captionPictures({ ...run, pictures, source, signal })) {
      done += 1
      tally.add(outcome)
      line?.add(outcome)
      const text = showsLines ? renderOutcome(outcome, printing) : undefined
      if (text !== undefined) await output.print(text)
      if (outcome.kind === 'failed') await showFailure(outcome, line)
      for (const sentence of describeEmptyAnswers(outcome)) {
        say(line, sentence, outcome.picture.label)
      }
      if (flags.draw !== undefined) await drawOutcome(flags.draw, outcome, source.draw)
      await sheet?.add(outcome)
      const isAllPrinted = run.formats.length === 0 && sheet === undefined
      if (output.isClosed && isAllPrinted) unread.abort()
    }
  } finally {
    interrupted.removeEventListener('abort', sayFinishing)
    source.news.off('bulk', showNews)
    line?.stop()
  }
  if (unread.signal.aborted) return 'unread'
  return done < pictures.length ? 'stopped' : 'done'
}

function toPrintOptions(
  pictures: readonly PictureFile[],
  run: PreparedRun,
  { json = false }: CaptionFlags,
): PrintOptions {
  return {
    json,
    namesFile: pictures.length > 1,
    namesTask: run.questions.length > 1,
    hasRules: run.rules.length > 0,
    isTerminal: process.stdout.isTTY,
  }
}

async function showFailure(
  { picture, error }: Extract<Outcome, { kind: 'failed' }>,
  line: ProgressLine | undefined,
): Promise<void> {
  const show = (): void => reportFailure(error, picture.label)
  if (line === undefined) show()
  else line.above(show)
}

function say(line: ProgressLine | undefined, text: string, about = 'flocap'): void {
  const show = (): void => console.error(toPrintable(`${about}: ${text}`))
  if (line === undefined) show()
  else line.above(show)
}

async function drawOutcome(file: string, outcome: Outcome, draw: Draw): Promise<void> {
  // A picture on which nothing was found is drawn all the same: it was asked for.
  if (outcome.kind !== 'captioned' && outcome.kind !== 'empty') return
  if (outcome.captioned === undefined) return
  await writeDrawing(file, await outcome.picture.read(), outcome.captioned, draw)
}
