// How a run ends: its last line, its report, its exit code, and what is said when there was nothing to do.
import { FlocapError } from '../../base/errors.ts'
import { replaceFile } from '../../base/replace-file.ts'
import { countKinds, type Report, renderTally } from '../../folders/run/tally.ts'
import type { RunEnd } from './caption-and-show.ts'
import type { CaptionFlags } from './options.ts'
import type { PreparedRun } from './prepare-run.ts'

/** Some pictures were captioned, others failed. */
export const SOME_FAILED = 1
/** Nothing was begun: wrong options, no picture, no model. */
export const NOTHING_BEGUN = 2
/** What shells report of a command that Ctrl-C ended. */
const INTERRUPTED = 130

/** The last line, the report, and the exit code. */
export async function finish(
  report: Report,
  end: RunEnd | undefined,
  { formats }: PreparedRun,
  { report: file }: CaptionFlags,
): Promise<void> {
  const total = report.captioned + report.skipped.length + report.failed.length
  if (formats.length > 0 || total > 1 || report.leftOut.length > 0) {
    console.error(renderTally(report))
  }
  if (end === 'stopped') {
    console.error(
      formats.length > 0
        ? 'Stopped. The same command goes on where it stopped.'
        : 'Stopped. --format writes files, from which a stopped run goes on.',
    )
  }
  if (file !== undefined) await replaceFile(file, `${JSON.stringify(report, undefined, 2)}\n`)
  if (report.failed.length > 0) process.exitCode = SOME_FAILED
  if (end === 'stopped') process.exitCode = INTERRUPTED
}

/** The reason why there is no picture to caption. */
export function noPictures({ failed, leftOut }: Report, { recursive }: CaptionFlags): FlocapError {
  if (failed.length > 0) return new FlocapError('missing_image', 'There is no picture to caption.')
  if (leftOut.length > 0) {
    const reasons = new Set(leftOut.map(({ kind, reason }) => `${kind}: ${reason}`))
    return new FlocapError(
      'missing_image',
      `No file here is a picture that can be read: left out ${leftOut.length} (${countKinds(leftOut)}).`,
      { hint: [...reasons].join('; ') },
    )
  }
  return new FlocapError('missing_image', 'There are no pictures here.', {
    hint:
      recursive === true
        ? 'Name a folder with pictures in it.'
        : 'Folders inside folders are looked into with --recursive.',
  })
}
