// Who answers about each picture of a run: the source's captioner, or one that was told ahead what is going to
// be asked.
import { type FlocapError, toFlocapError } from '../../base/errors.ts'
import type { Ahead, AheadTurn, SentBatches } from '../../caption/ask-ahead.ts'
import type { TasksCaptioner } from '../../caption/captioner.ts'
import type { Question } from '../ask/questions.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { CaptionSource } from '../ports.ts'
import type { OutputPlace } from './output-place.ts'

/** A picture whose turn it is. */
export interface Turn extends Pick<AheadTurn<PictureFile>, 'picture' | 'settle'> {
  /** Who answers about it. @throws CannotStart */
  readonly start: () => Promise<TasksCaptioner>
}

export interface Turns extends Pick<Ahead<PictureFile>, 'finish'> {
  readonly turns: AsyncIterable<Turn>
}

export interface TurnOptions {
  readonly source: CaptionSource
  readonly questions: readonly Question[]
  readonly places: ReadonlyMap<string, OutputPlace>
  readonly signal?: AbortSignal | undefined
  /** Asks what is missing of a picture. */
  readonly ask: (picture: PictureFile, captioner: TasksCaptioner) => Promise<void>
}

export function takeTurns(pictures: AsyncIterable<PictureFile>, options: TurnOptions): Turns {
  const { source, questions, places, signal, ask } = options
  const ahead = source.askAhead?.({
    pictures,
    // When its turn comes it is asked again, and what is wrong is said then.
    ask: async (picture, captioner) => ask(picture, captioner).catch(() => undefined),
    asksInTurn: questions.some(({ kind }) => kind !== 'task'),
    sent: sentFrom([...places.values()]),
    signal,
  })
  if (ahead !== undefined) {
    return { turns: withCaptioner(ahead.turns), finish: async () => ahead.finish() }
  }
  const start = startOnce(source)
  return { turns: withStart(pictures, start), finish: async () => undefined }
}

async function* withCaptioner(turns: AsyncIterable<AheadTurn<PictureFile>>): AsyncGenerator<Turn> {
  for await (const { captioner, ...turn } of turns) yield { ...turn, start: async () => captioner }
}

async function* withStart(
  pictures: AsyncIterable<PictureFile>,
  start: Turn['start'],
): AsyncGenerator<Turn> {
  for await (const picture of pictures) yield { picture, start, settle: async () => undefined }
}

/** A run sends batches for all its folders: what each journal knows counts, the first one keeps what is new. */
function sentFrom(places: readonly OutputPlace[]): SentBatches {
  const placeOf = (token: string): OutputPlace | undefined =>
    places.find(({ journal }) => journal.listBatches().some((batch) => batch.token === token)) ??
    places[0]
  return {
    list: () => places.flatMap(({ journal }) => journal.listBatches()),
    keep: async (batch) => placeOf(batch.token)?.recordBatch(batch),
    drop: async (batch) => placeOf(batch.token)?.recordBatch(batch, true),
  }
}

/** A model that cannot be had ends the run; a picture that cannot be captioned does not. */
export class CannotStart extends Error {
  readonly reason: FlocapError

  constructor(reason: FlocapError) {
    super(reason.message)
    this.reason = reason
  }
}

function startOnce(source: CaptionSource): () => Promise<TasksCaptioner> {
  let started: Promise<TasksCaptioner> | undefined
  return async () => {
    started ??= source.start()
    try {
      return await started
    } catch (error) {
      throw new CannotStart(toFlocapError(error))
    }
  }
}
