// `--watch`: a run for what is there, and one for each batch of pictures that appears.
import { recognisePicture } from '../../app/picture-kind.ts'
import { FlocapError } from '../../base/errors.ts'
import { toPrintable } from '../../base/printable.ts'
import { findPicturesAmong, type FoundPictures } from '../../folders/inputs/find-pictures.ts'
import { isFolder } from '../../folders/inputs/is-folder.ts'
import { watchFolders } from '../../folders/watch/watch-folders.ts'
import type { RunEnd } from './caption-and-show.ts'
import { type CaptionFlags, parseNumber } from './options.ts'
import { outFolder, type PreparedRun } from './prepare-run.ts'

const MS_PER_SECOND = 1000
/** A drive that is looked at less often than daily is not watched. */
const MAX_POLL_SECONDS = 86_400

export interface WatchedRun {
  readonly run: PreparedRun
  readonly flags: CaptionFlags
  readonly interrupted: AbortSignal
  /** Captions one batch. */
  readonly caption: (found: FoundPictures) => Promise<RunEnd | undefined>
}

export function isWatching({ watch, watchPoll }: CaptionFlags): boolean {
  return watch === true || watchPoll !== undefined
}

/**
 * @returns undefined when it ended while there was nothing to do.
 * @throws FlocapError when a run as a whole fails.
 */
export async function captionWatched(
  folders: readonly string[],
  { run, flags, interrupted, caption }: WatchedRun,
): Promise<RunEnd | undefined> {
  await assertWatchable(folders, run, flags)
  const { recursive = false } = flags
  const options = {
    recursive,
    out: outFolder(flags),
    exclude: flags.exclude,
    // Whether pictures lie beside an archive is not known while they still come.
    archivesOfFolders: false,
    recognise: recognisePicture,
  }
  const batches = watchFolders(folders, {
    recursive,
    pollMs: pollMs(flags),
    writesPictures: flags.embed === true,
    signal: interrupted,
    onPolling: (reason) =>
      say(`The system tells of no changes (${reason}): looking every few seconds.`),
  })
  say(`Watching ${folders.join(', ')}. Ctrl-C ends.`)
  for await (const files of batches) {
    const found = await findPicturesAmong(files, options)
    try {
      const end = await caption(found)
      if (end === 'stopped' || end === 'unread') return end
    } finally {
      await found.close()
    }
  }
  return undefined
}

function pollMs({ watchPoll }: CaptionFlags): number | undefined {
  const range = { least: 1, most: MAX_POLL_SECONDS, whole: false }
  const seconds = parseNumber('--watch-poll', watchPoll, range)
  return seconds === undefined ? undefined : seconds * MS_PER_SECOND
}

async function assertWatchable(
  folders: readonly string[],
  { formats }: PreparedRun,
  { draw, preview, limit, sample, dryRun }: CaptionFlags,
): Promise<void> {
  if (folders.length === 0) throw cannotWatch('Expected a folder for --watch, got none.')
  for (const folder of folders) {
    if (await isFolder(folder)) continue
    throw cannotWatch(`Expected folders for --watch, got ${JSON.stringify(folder)}.`)
  }
  const others = [
    ...(draw === undefined ? [] : ['--draw']),
    ...(preview === undefined ? [] : ['--preview']),
    ...(limit === undefined ? [] : ['--limit']),
    ...(sample === undefined ? [] : ['--sample']),
    ...(dryRun === true ? ['--dry-run'] : []),
    // A shard holds all pictures of a run.
    ...(formats.some(({ id }) => id === 'webdataset') ? ['--format webdataset'] : []),
  ]
  if (others.length > 0) throw cannotWatch(`--watch and ${others.join(', ')} exclude each other.`)
}

function cannotWatch(message: string): FlocapError {
  const hint = 'It captions whole folders, and goes on with what appears in them.'
  return new FlocapError('invalid_request', message, { subject: '--watch', hint })
}

function say(text: string): void {
  console.error(`flocap: ${toPrintable(text)}`)
}
