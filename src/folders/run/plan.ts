// What is left to do for a picture: found out from its files and the journal, before anything is asked.
import { digestPicture } from '../../caption/picture-digest.ts'
import type { Question } from '../ask/questions.ts'
import { isPictureItself } from '../formats/embed.ts'
import type { BesideFormat, CollectedFile } from '../formats/format.ts'
import type { PictureFile, Stamp } from '../inputs/picture-file.ts'
import type { Journal, KnownPicture } from '../journal/journal.ts'
import { sha256 } from './keys.ts'
import { readIfThere } from './read-if-there.ts'

/** What happens to pictures that have a caption already. */
export const MODES = ['skip', 'overwrite', 'append', 'only-missing-task'] as const

export type Mode = (typeof MODES)[number]

export interface PlanContext {
  readonly mode: Mode
  readonly questions: readonly Question[]
  /** By question: see `questionKey`. */
  readonly keys: readonly string[]
  readonly beside: readonly BesideFormat[]
  readonly collected: readonly CollectedFile[]
  readonly journal: Journal
  /** Runs of which this one is the rest: what they did is done. */
  readonly runs: ReadonlySet<string>
  /** Whether a person has locked the picture's caption. */
  readonly isLocked: (picture: PictureFile) => Promise<boolean>
  /** Nothing is written: every picture is asked about. */
  readonly isPrinted: boolean
}

/** Why a picture is left as it is. */
export type SkipReason =
  /** This very run, or an earlier one like it, has done it. */
  | 'done'
  /** It has a caption that the journal does not know. */
  | 'captioned'
  /** Its caption was changed after it was written. */
  | 'edited'
  /** A person has locked it: no run changes it, whatever its mode. */
  | 'locked'

export interface Skip {
  readonly kind: 'skip'
  readonly reason: SkipReason
  /** The file that stays as it is; absent where that is a row of a common file. */
  readonly file?: string
}

export interface Work {
  readonly kind: 'work'
  /** Files to be written, with what they hold now. */
  readonly writes: readonly PlannedWrite[]
  /** Whether a common file lacks it. */
  readonly needsRow: boolean
  /** An earlier line about this picture, perhaps under another name. */
  readonly known: KnownPicture | undefined
  readonly missing: readonly Question[]
  /** Files that stay as they are though others are written. */
  readonly kept: readonly Skip[]
  readonly stamp: Stamp
}

export interface PlannedWrite {
  readonly format: BesideFormat
  readonly file: string
  readonly before: Uint8Array | undefined
}

export type Plan = Skip | Work

/** @throws FlocapError when the picture or one of its files cannot be read. */
export async function planPicture(picture: PictureFile, context: PlanContext): Promise<Plan> {
  if (!context.isPrinted && (await context.isLocked(picture))) {
    return { kind: 'skip', reason: 'locked' }
  }
  const stamp = await picture.stamp()
  const { known, isUntouched } = await recognise(picture, stamp, context.journal)
  const isOurs = known !== undefined && context.runs.has(known.run)
  const isFresh = context.mode === 'overwrite' && !isOurs
  const usable = isFresh ? undefined : known
  const missing = context.questions.filter(
    (_, index) => !isKnown(usable, context.keys[index] ?? ''),
  )

  const writes: PlannedWrite[] = []
  const kept: Skip[] = []
  for (const format of context.beside) {
    const file = format.fileOf(picture)
    // A picture that holds its captions is not read again to find that out.
    const isWritten = usable?.isEmbedded === true && missing.length === 0
    if (isWritten && isUntouched && isPictureItself(picture, file)) continue
    const before = await readIfThere(file)
    const fate = isFresh
      ? await assertWritable(format, before)
      : await judgeFile(format, before, usable, missing, context)
    if (fate === 'write') writes.push({ format, file, before })
    else if (fate !== 'done') kept.push({ kind: 'skip', reason: fate, file })
  }
  const isMore = context.mode === 'only-missing-task' && missing.length > 0
  const needsRow = context.collected.some((file) => isFresh || isMore || !file.has(picture))
  if (writes.length > 0 || needsRow || context.isPrinted) {
    return { kind: 'work', writes, needsRow, known: usable, missing, kept, stamp }
  }
  const isRowOnly = context.beside.length === 0 && missing.length > 0
  if (isRowOnly) return { kind: 'skip', reason: 'captioned' }
  return kept[0] ?? { kind: 'skip', reason: 'done' }
}

function isKnown(known: KnownPicture | undefined, key: string): boolean {
  return known?.asked.includes(key) === true
}

/** The line about a picture: by its name when nothing has changed, else by its bytes. */
async function recognise(
  picture: PictureFile,
  stamp: Stamp,
  journal: Journal,
): Promise<Recognised> {
  const named = journal.find(picture.name)
  if (named?.size === stamp.size && named.mtimeMs === stamp.mtimeMs) {
    return { known: named, isUntouched: true }
  }
  if (!journal.knowsSize(stamp.size)) return { known: undefined, isUntouched: false }
  const digest = digestPicture(await picture.read())
  const isNamed = named !== undefined && hashesOf(named).includes(digest)
  return { known: isNamed ? named : journal.findByDigest(digest), isUntouched: false }
}

interface Recognised {
  readonly known: KnownPicture | undefined
  /** Its file has the size and the time that the journal says. */
  readonly isUntouched: boolean
}

/** Of the picture as it was read, and with its captions in it. */
function hashesOf({ sha256: asRead, files }: KnownPicture): readonly string[] {
  const embedded = Object.values(files).filter(({ size }) => size !== undefined)
  return [asRead, ...embedded.map(({ sha256: written }) => written)]
}

/** Found out before the picture is captioned, not after. */
async function assertWritable(
  format: BesideFormat,
  before: Uint8Array | undefined,
): Promise<'write'> {
  if (before !== undefined) await format.stateOf(before)
  return 'write'
}

async function judgeFile(
  format: BesideFormat,
  before: Uint8Array | undefined,
  known: KnownPicture | undefined,
  missing: readonly Question[],
  { mode }: PlanContext,
): Promise<'write' | SkipReason> {
  if (before === undefined) return 'write'
  const isSame = missing.length === 0
  const counts = isSame || mode === 'only-missing-task'
  const written = counts ? known?.files[format.id] : undefined
  const digest = written === undefined ? undefined : sha256(before)
  if (written !== undefined && digest === written.sha256) return isSame ? 'done' : 'write'
  const state = await format.stateOf(before)
  if (state === 'missing') return 'write'
  // As before its line in the journal: the run was killed between that and the file.
  if (written !== undefined) return digest === written.before ? 'write' : 'edited'
  return state === 'open' ? 'write' : 'captioned'
}
