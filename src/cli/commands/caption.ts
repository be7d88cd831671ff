// `flocap caption <paths...>`: captions of picture files, printed or written, without a server.
import { recognisePicture } from '../../app/picture-kind.ts'
import { FlocapError } from '../../base/errors.ts'
import { replaceFile } from '../../base/replace-file.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { choosePictures } from '../../folders/inputs/choose.ts'
import {
  findPictures,
  type FoundPictures,
  STANDARD_INPUT,
} from '../../folders/inputs/find-pictures.ts'
import { readPathList } from '../../folders/inputs/path-list.ts'
import { refuseClashes } from '../../folders/run/refuse-clashes.ts'
import { countKinds, createTally, type Report, renderTally } from '../../folders/run/tally.ts'
import { captionAndShow, type RunEnd } from '../caption/caption-and-show.ts'
import { assertDrawing } from '../caption/drawing.ts'
import { describeDryRun } from '../caption/dry-run.ts'
import { openSource } from '../caption/open-source.ts'
import type { CaptionFlags } from '../caption/options.ts'
import { renderFailure } from '../caption/print.ts'
import {
  assertWritable,
  outFolder,
  parseCount,
  type PreparedRun,
  prepareRun,
} from '../caption/prepare-run.ts'
import { reportFailure } from '../report.ts'

/** Some pictures were captioned, others failed. */
const SOME_FAILED = 1
/** Nothing was begun: wrong options, no picture, no model. */
const NOTHING_BEGUN = 2
/** What shells report of a command that Ctrl-C ended. */
const INTERRUPTED = 130

export async function caption(
  paths: readonly string[],
  flags: Flags & CaptionFlags,
): Promise<void> {
  const tally = createTally()
  try {
    const run = await prepareRun(flags)
    const found = await findPictures([...paths, ...(await listedPaths(flags))], {
      recursive: flags.recursive ?? false,
      out: outFolder(flags),
      recognise: recognisePicture,
    })
    try {
      await captionFound(found, run, flags, tally)
    } finally {
      await found.close()
    }
  } catch (error) {
    reportFailure(error)
    process.exitCode = tally.done > 0 ? SOME_FAILED : NOTHING_BEGUN
  }
}

async function listedPaths({ from }: CaptionFlags): Promise<readonly string[]> {
  return from === undefined ? [] : readPathList(from)
}

async function captionFound(
  found: FoundPictures,
  run: PreparedRun,
  flags: Flags & CaptionFlags,
  tally: ReturnType<typeof createTally>,
): Promise<void> {
  const chosen = choosePictures(found.pictures, {
    exclude: flags.exclude ?? [],
    limit: parseCount('--limit', flags.limit),
    sample: parseCount('--sample', flags.sample),
  })
  const { pictures, clashes } = refuseClashes(chosen, run.formats, flags.names ?? 'stem')
  assertWritable(
    run.formats,
    pictures.some(({ label }) => label === STANDARD_INPUT),
  )
  if (flags.draw !== undefined) {
    assertDrawing(
      flags.draw,
      pictures.map(({ label }) => label),
      run.questions,
    )
  }
  for (const failure of [...found.failures, ...clashes]) {
    tally.addFailure(failure)
    reportFailure(failure.error, failure.label)
    if (flags.json === true) console.log(renderFailure(failure.label, failure.error))
  }
  for (const file of found.leftOut) tally.addLeftOut(file)
  if (pictures.length === 0) throw noPictures(tally.report(0), flags)
  if (flags.dryRun === true) {
    for (const line of describeDryRun(pictures, run)) console.log(line)
    return
  }
  // One picture is a person's question; many must not keep people waiting who use the same server.
  const priority = pictures.length > 1 ? 'bulk' : 'interactive'
  const source = await openSource(resolveSettings(flags, process.env), flags, priority)
  let end: RunEnd | undefined
  try {
    end = await captionAndShow(pictures, { run, source, flags, tally })
  } finally {
    await source.close()
    await finish(tally.report(pictures.length), end, run, flags)
  }
}

/** The last line, the report, and the exit code. */
async function finish(
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

function noPictures({ failed, leftOut }: Report, { recursive }: CaptionFlags): FlocapError {
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
