// What a broker says of itself: for the doctor, which changes nothing there.
import type { WorkerNote } from './ports.ts'

export interface BrokerFacts {
  /** Such as `Redis 7.0.15`. */
  readonly server: string
  /** Why jobs may get lost there by design; undefined where none may. */
  readonly drops: string | undefined
  /** Why jobs do not survive the end of the broker; undefined where they do. */
  readonly forgets: string | undefined
  /** By how much its clock is ahead of this machine's, in seconds. */
  readonly clockSeconds: number
  readonly workers: readonly WorkerNote[]
}

/** Of a connection; a broker that needs longer is away. */
export const ANSWER_MS = 5_000
