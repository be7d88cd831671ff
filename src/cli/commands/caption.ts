// `flocap caption <paths...>`: captions of picture files, printed or written, without a server.
import { recognisePicture } from '../../app/picture-kind.ts'
import { FlocapError } from '../../base/errors.ts'
import type { Priority } from '../../caption/priority.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { choosePictures } from '../../folders/inputs/choose.ts'
import {
  findPictures,
  type FoundPictures,
  STANDARD_INPUT,
} from '../../folders/inputs/find-pictures.ts'
import type { PictureFile } from '../../folders/inputs/picture-file.ts'
import { readPathList } from '../../folders/inputs/path-list.ts'
import { refuseClashes } from '../../folders/run/refuse-clashes.ts'
import { refuseShards } from '../../folders/run/refuse-shards.ts'
import { createTally, renderTally, type Tally } from '../../folders/run/tally.ts'
import { captionAndShow, type RunEnd, type ShownRun } from '../caption/caption-and-show.ts'
import { assertDrawing } from '../caption/drawing.ts'
import { describeDryRun } from '../caption/dry-run.ts'
import { finish, noPictures, NOTHING_BEGUN, SOME_FAILED } from '../caption/finish.ts'
import { openSource } from '../caption/open-source.ts'
import type { CaptionFlags } from '../caption/options.ts'
import { assertPreview, withPreview } from '../caption/preview.ts'
import { renderFailure } from '../caption/print.ts'
import {
  assertWritable,
  outFolder,
  parseCount,
  type PreparedRun,
  prepareRun,
} from '../caption/prepare-run.ts'
import { captionWatched, isWatching } from '../caption/watch.ts'
import { abortOnInterrupt } from '../interrupt.ts'
import { reportFailure } from '../report.ts'

export async function caption(
  paths: readonly string[],
  flags: Flags & CaptionFlags,
): Promise<void> {
  const tally = createTally()
  try {
    const run = await prepareRun(flags)
    assertNamed(paths, flags)
    const inputs = [...paths, ...(await listedPaths(flags))]
    if (isWatching(flags)) await captionAppearing(inputs, run, flags, tally)
    else await captionOnce(inputs, run, flags, tally)
  } catch (error) {
    reportFailure(error)
    process.exitCode = tally.done > 0 ? SOME_FAILED : NOTHING_BEGUN
  }
}

function assertNamed(paths: readonly string[], { from }: CaptionFlags): void {
  if (paths.length > 0 || from !== undefined) return
  throw new FlocapError('invalid_request', 'Expected pictures, folders or patterns, got none.', {
    hint: "Such as 'flocap caption photo.jpg', or a folder: 'flocap caption -r --format txt ./photos'.",
  })
}

async function listedPaths({ from }: CaptionFlags): Promise<readonly string[]> {
  return from === undefined ? [] : readPathList(from)
}

async function captionOnce(
  inputs: readonly string[],
  run: PreparedRun,
  flags: Flags & CaptionFlags,
  tally: Tally,
): Promise<void> {
  const found = await findPictures(inputs, {
    recursive: flags.recursive ?? false,
    out: outFolder(flags),
    exclude: flags.exclude,
    // A sample is one of all pictures.
    limit: flags.sample === undefined ? parseCount('--limit', flags.limit) : undefined,
    recognise: recognisePicture,
  })
  try {
    const pictures = selectPictures(found, run, flags, tally)
    assertAskedFor(pictures, run, flags)
    if (pictures.length === 0) throw noPictures(tally.report(0), flags)
    if (flags.dryRun === true) {
      for (const line of describeDryRun(pictures, run)) console.log(line)
      return
    }
    // One picture is a person's question; many must not keep people waiting who use the same server.
    const priority = pictures.length > 1 ? 'bulk' : 'interactive'
    await withSource({ run, flags, tally, priority }, async (shown, progress) => {
      progress.total = pictures.length
      const describeEnd = (): string => renderTally(tally.report(pictures.length))
      const preview = { total: pictures.length, formats: run.formats, describeEnd }
      return withPreview(flags.preview, preview, async (sheet) =>
        captionAndShow(pictures, { ...shown, sheet }),
      )
    })
  } finally {
    await found.close()
  }
}

async function captionAppearing(
  folders: readonly string[],
  run: PreparedRun,
  flags: Flags & CaptionFlags,
  tally: Tally,
): Promise<void> {
  await withSource({ run, flags, tally, priority: 'bulk' }, async (shown, progress) => {
    return captionWatched(folders, {
      run,
      flags,
      interrupted: shown.interrupted,
      async caption(found) {
        const pictures = selectPictures(found, run, flags, tally)
        if (pictures.length === 0) return undefined
        progress.total += pictures.length
        return captionAndShow(pictures, shown)
      },
    })
  })
}

/** Those that are wanted; what is wrong with the others is said. */
function selectPictures(
  { pictures: all, failures, leftOut }: FoundPictures,
  { formats }: PreparedRun,
  flags: CaptionFlags,
  tally: Tally,
): readonly PictureFile[] {
  const chosen = choosePictures(all, {
    exclude: flags.exclude ?? [],
    limit: parseCount('--limit', flags.limit),
    sample: parseCount('--sample', flags.sample),
  })
  const shards = refuseShards(chosen, formats)
  const { pictures, clashes } = refuseClashes(shards.pictures, formats, flags.names ?? 'stem')
  for (const failure of [...failures, ...shards.clashes, ...clashes]) {
    tally.addFailure(failure)
    reportFailure(failure.error, failure.label)
    if (flags.json === true) console.log(renderFailure(failure.label, failure.error))
  }
  for (const file of leftOut) tally.addLeftOut(file)
  return pictures
}

function assertAskedFor(
  pictures: readonly PictureFile[],
  { formats, questions }: PreparedRun,
  { draw, preview }: CaptionFlags,
): void {
  const labels = pictures.map(({ label }) => label)
  assertWritable(formats, labels.includes(STANDARD_INPUT))
  if (draw !== undefined) assertDrawing(draw, labels, questions)
  if (preview !== undefined) assertPreview(preview)
}

interface Progress {
  /** Pictures that were to be captioned so far. */
  total: number
}

interface Opened {
  readonly run: PreparedRun
  readonly flags: Flags & CaptionFlags
  readonly tally: Tally
  readonly priority: Priority
}

/** With somebody who captions; the last line is written however it ends. */
async function withSource(
  { run, flags, tally, priority }: Opened,
  work: (shown: ShownRun, progress: Progress) => Promise<RunEnd | undefined>,
): Promise<void> {
  const source = await openSource(resolveSettings(flags, process.env), flags, priority, true)
  const progress: Progress = { total: 0 }
  let end: RunEnd | undefined
  try {
    const interrupted = abortOnInterrupt()
    end = await work({ run, source, flags, tally, interrupted }, progress)
  } finally {
    await source.close()
    await finish(tally.report(progress.total), end, run, flags)
  }
}
