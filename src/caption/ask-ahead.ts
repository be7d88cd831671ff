// Between a run over many pictures and who answers them in bulk: what is going to be asked is collected ahead,
// answered together, and each picture then comes with a captioner that knows its answers already.
import type { TasksCaptioner } from './captioner.ts'

export type AskAhead = <Picture>(run: AheadRun<Picture>) => Ahead<Picture>

export interface AheadRun<Picture> {
  readonly pictures: AsyncIterable<Picture>
  /**
   * Asks what is still to be asked about the picture; nothing where nothing is. What the captioner throws ends
   * the asking about this picture without a word.
   */
  readonly ask: (picture: Picture, captioner: TasksCaptioner) => Promise<void>
  /** Whether an answer decides what is asked next. */
  readonly asksInTurn: boolean
  /** What was sent and is not written down yet. */
  readonly sent: SentBatches
  /** Ends the waiting; what was sent goes on where it is. */
  readonly signal?: AbortSignal | undefined
}

export interface Ahead<Picture> {
  /** In the order of the pictures; fewer when the run is stopped. @throws FlocapError when all fails. */
  readonly turns: AsyncIterable<AheadTurn<Picture>>
  /** When every picture was settled. */
  readonly finish: () => Promise<void>
}

export interface AheadTurn<Picture> {
  readonly picture: Picture
  readonly captioner: TasksCaptioner
  /** Its captions are written, or it has failed for good. */
  readonly settle: () => Promise<void>
}

/** A batch as the run that sent it remembers it. */
export interface SentBatch {
  readonly server: string
  /** Chosen before anything is sent: a batch is found by it whose id was lost in a crash. */
  readonly token: string
  /** Absent until the server has said it. */
  readonly id?: string
}

/** On disk, so that the next run takes up what a stopped one has sent. */
export interface SentBatches {
  list(): readonly SentBatch[]
  keep(batch: SentBatch): Promise<void>
  drop(batch: SentBatch): Promise<void>
}
