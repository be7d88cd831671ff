// The run: several pictures at a time are planned, read and asked about; what came out is written in the
// order of the files, one after the other, so that files and journal are the same each time.
import { pMapIterable } from 'p-map'
import { FlocapError, toFlocapError } from '../../base/errors.ts'
import { digestPicture } from '../../caption/picture-digest.ts'
import type { TasksCaptioner } from '../../caption/captioner.ts'
import { type Answer, type AnsweredPicture, answerQuestions } from '../ask/answer-questions.ts'
import type { Question } from '../ask/questions.ts'
import type { Captioned, Format, Row } from '../formats/format.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { Journal } from '../journal/journal.ts'
import type { CaptionSource } from '../ports.ts'
import { questionKey, toKey } from './keys.ts'
import type { Outcome } from './outcome.ts'
import {
  openOutput,
  type OutputOptions,
  type OutputPlace,
  readKnownAnswers,
} from './output-place.ts'
import { type Mode, type Plan, planPicture, type Work } from './plan.ts'
import { CannotStart, takeTurns, type Turn } from './take-turns.ts'
import { type CaptionOptions, toCaptioned } from './to-captioned.ts'
import { writePicture } from './write-picture.ts'

export interface RunOptions extends CaptionOptions {
  readonly pictures: readonly PictureFile[]
  readonly formats: readonly Format[]
  readonly mode: Mode
  /** Pictures at a time, at least 1. */
  readonly jobs: number
  readonly source: CaptionSource
  /** False leaves nothing behind that a later run could go on from. */
  readonly keepsJournal: boolean
  /** What else the files depend on: a stopped run goes on with the same options only. */
  readonly optionsKey: string
  /** Stops the run in order: pictures that are being captioned are finished. */
  readonly signal?: AbortSignal
}

/** Results that wait for an earlier picture, for each that is being captioned. */
const WAITING_PER_JOB = 4

type Asked =
  | { readonly plan: Plan; readonly answered?: AnsweredPicture; readonly digest?: string }
  | { readonly error: FlocapError }

interface Step extends Turn {
  readonly asked: Asked
}

/**
 * One outcome for each picture, in their order; fewer when the run is stopped.
 * @throws FlocapError when nothing can be captioned at all (the model, the output folder), or
 * `disk_full`: what is done by then is on disk, and the same run goes on from there.
 */
export async function* captionPictures(options: RunOptions): AsyncGenerator<Outcome> {
  const run = await openRun(options)
  let isComplete = false
  let done = 0
  try {
    const ahead = run.takeTurns(takeUntil(options.pictures, options.signal))
    const steps = pMapIterable(ahead.turns, run.ask, {
      concurrency: options.jobs,
      backpressure: options.jobs * WAITING_PER_JOB,
    })
    for await (const step of steps) {
      const outcome = await run.write(step)
      await step.settle()
      yield outcome
      done += 1
    }
    isComplete = done === options.pictures.length
    if (isComplete) await ahead.finish()
  } finally {
    await run.close(isComplete)
  }
}

async function* takeUntil(
  pictures: readonly PictureFile[],
  signal: AbortSignal | undefined,
): AsyncGenerator<PictureFile> {
  for (const picture of pictures) {
    if (signal?.aborted === true) return
    yield picture
  }
}

async function openRun(options: RunOptions) {
  const { questions, mode, source } = options
  const beside = options.formats.filter((format) => format.kind === 'beside')
  const model = await identify(options)
  const keys = questions.map((question) => questionKey(model, question))
  const places = await openPlaces(options, keys, toRow)

  async function toRow(picture: PictureFile, journal: Journal): Promise<Row> {
    const answered = await readKnownAnswers(journal, picture.name, keys)
    if (answered === undefined) return { picture }
    try {
      return { picture, captioned: toCaptioned(picture, answered, options) }
    } catch {
      // The outcome has said which rule leaves nothing of it.
      return { picture }
    }
  }

  async function planned(picture: PictureFile): Promise<Plan> {
    const { journal, collected, runs, isLocked } = placeOf(places, picture)
    const isPrinted = options.formats.length === 0
    const files = { beside, collected, isPrinted, isLocked }
    return planPicture(picture, { mode, questions, keys, journal, runs, ...files })
  }

  function takeAll(pictures: AsyncIterable<PictureFile>) {
    const { signal } = options
    const askMissing = async (picture: PictureFile, captioner: TasksCaptioner): Promise<void> => {
      const plan = await planned(picture)
      if (plan.kind === 'skip' || plan.missing.length === 0) return
      await answerQuestions(captioner, await picture.read(), plan.missing)
    }
    return takeTurns(pictures, { source, questions, places, signal, ask: askMissing })
  }

  async function ask(turn: Turn): Promise<Step> {
    return { ...turn, asked: await askOrFail(turn) }
  }

  async function askOrFail({ picture, start }: Turn): Promise<Asked> {
    try {
      const { journal } = placeOf(places, picture)
      const plan = await planned(picture)
      if (plan.kind === 'skip') return { plan }
      const bytes = plan.missing.length === 0 ? undefined : await picture.read()
      const fresh =
        bytes === undefined
          ? undefined
          : await answerQuestions(await start(), bytes, plan.missing, {})
      const known = plan.known === undefined ? undefined : await journal.readAnswers(plan.known)
      return {
        plan,
        answered: putTogether(questions, keys, plan, fresh, known),
        digest: bytes === undefined ? (plan.known?.sha256 ?? '') : digestPicture(bytes),
      }
    } catch (error) {
      if (error instanceof CannotStart) throw error.reason
      return { error: toFlocapError(error) }
    }
  }

  async function write({ picture, asked }: Step): Promise<Outcome> {
    const place = placeOf(places, picture)
    if ('error' in asked) {
      // Nothing was said: that is an answer, and no failure.
      if (asked.error.code === 'empty_answer') return { kind: 'empty', picture }
      return fail(place, picture, asked.error)
    }
    const { plan, answered, digest = '' } = asked
    if (plan.kind === 'skip' || answered === undefined) {
      const skip = plan.kind === 'skip' ? plan : { kind: 'skip' as const, reason: 'done' as const }
      const recall = async (): Promise<Captioned | undefined> =>
        (await toRow(picture, place.journal)).captioned
      return { kind: 'skipped', picture, skip, recall }
    }
    try {
      const captioned = toCaptioned(picture, answered, options)
      await writePicture(place, plan, captioned, { digest, keys, answered })
      const isSaid = captioned.answers.some(({ said }) => said !== undefined)
      if (!isSaid) return { kind: 'empty', picture, captioned }
      return {
        kind: 'captioned',
        picture,
        captioned,
        isKnown: plan.missing.length === 0,
        kept: plan.kept,
      }
    } catch (error) {
      const failure = toFlocapError(error)
      // Nothing more can be written: going on would only compute what is lost.
      if (failure.code === 'disk_full') throw failure
      return fail(place, picture, failure)
    }
  }

  return {
    takeTurns: takeAll,
    ask,
    write,
    async close(isComplete: boolean): Promise<void> {
      try {
        for (const place of places.values()) await place.finish(isComplete)
      } finally {
        for (const place of places.values()) await place.close()
      }
    },
  }
}

async function fail(
  place: OutputPlace,
  picture: PictureFile,
  error: FlocapError,
): Promise<Outcome> {
  await place.recordFailure(picture.name, error)
  return { kind: 'failed', picture, error }
}

/** Printed answers are not kept, so that nothing has to tell them from those of other models. */
async function identify({ formats, source }: RunOptions): Promise<string> {
  return formats.length === 0 ? '' : source.identify()
}

/** The answers in the order of the questions: those that were just given, and those known before. */
function putTogether(
  questions: readonly Question[],
  keys: readonly string[],
  { missing, known }: Work,
  fresh: AnsweredPicture | undefined,
  before: AnsweredPicture | undefined,
): AnsweredPicture {
  const size = fresh ?? before
  const answers = questions.map((question, index): Answer => {
    const place = missing.indexOf(question)
    const answer =
      place === -1
        ? before?.answers[known?.asked.indexOf(keys[index] ?? '') ?? -1]
        : fresh?.answers[place]
    if (answer === undefined) {
      throw new FlocapError('internal_error', `The answer to ${question.name} is missing.`)
    }
    return answer
  })
  if (size === undefined) throw new FlocapError('internal_error', 'No picture was answered.')
  return { width: size.width, height: size.height, answers }
}

function placeOf(places: ReadonlyMap<string, OutputPlace>, { output }: PictureFile): OutputPlace {
  const place = places.get(output)
  if (place === undefined) throw new TypeError(`${output} was not opened`)
  return place
}

async function openPlaces(
  options: RunOptions,
  keys: readonly string[],
  toRow: OutputOptions['toRow'],
): Promise<ReadonlyMap<string, OutputPlace>> {
  const { pictures, formats, mode, source } = options
  const kept = options.keepsJournal ? 'kept' : 'for-this-run'
  const places = new Map<string, OutputPlace>()
  const optionsKey = toKey([options.optionsKey, keys, mode])
  try {
    for (const [output, own] of groupByOutput(pictures)) {
      places.set(
        output,
        await openOutput({
          output,
          pictures: own,
          formats: formats.filter((format) => format.kind === 'collected'),
          journalKind: formats.length === 0 ? 'none' : kept,
          overwrites: mode === 'overwrite',
          optionsKey,
          model: source.modelId,
          toRow,
        }),
      )
    }
    return places
  } catch (error) {
    for (const place of places.values()) await place.close()
    throw error
  }
}

function groupByOutput(pictures: readonly PictureFile[]): ReadonlyMap<string, PictureFile[]> {
  const groups = new Map<string, PictureFile[]>()
  for (const picture of pictures) {
    const group = groups.get(picture.output)
    if (group === undefined) groups.set(picture.output, [picture])
    else group.push(picture)
  }
  return groups
}
