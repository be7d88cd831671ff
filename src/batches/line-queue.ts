// The port between who owns a batch and who answers its lines. The owner submits lines and gets their
// results; workers claim lines, by turns of the keys that own them, and give results.
//
// Embedded, both are this process (embedded-queue.ts). The port is made for a queue between machines as
// well: a job is a reference, a claim can be given back, a second result is dropped.
import type { LinePlace } from './lines.ts'
import type { Endpoint } from './objects.ts'

export interface LineJob extends LinePlace {
  readonly batch: string
  /** Who takes turns. */
  readonly owner: string
  readonly endpoint: Endpoint
  /** In the input, from 1. */
  readonly line: number
}

export interface LineResult {
  /** A line of the output, or of the errors. */
  readonly text: string
  readonly failed: boolean
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface ClaimedLine {
  readonly job: LineJob
  /** Aborts when the batch is cancelled or its time is over: who has not begun the line gives it back. */
  readonly unwanted: AbortSignal
  /** @returns false where the line has a result already, which stays. */
  result(result: LineResult): Promise<boolean>
  /** The line is claimed by another worker, or later. */
  giveBack(): Promise<void>
}

export interface LineQueue {
  /**
   * @returns its result; undefined when the batch was cancelled before a worker had claimed the line, or
   *   the queue was closed.
   */
  submit(job: LineJob): Promise<LineResult | undefined>
  /** Waits for a line. @returns undefined once the queue is closed. */
  claim(): Promise<ClaimedLine | undefined>
  /** Takes the lines of a batch back that no worker has claimed. */
  cancel(batch: string): Promise<void>
  /** Nothing more comes of this batch: what is known of it goes. */
  forget(batch: string): void
  /** Ends all waiting. */
  close(): Promise<void>
}
