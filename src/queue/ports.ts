// Where the lines of batches are answered: in this process, or by workers on other machines that a broker
// brings together. Both keep the promises that stand here (`queue.conformance.ts` holds them to it).

/** One line of a batch, on its way to a worker. */
export interface Job {
  /** `<batch>.<line>`: the same line is the same job after a crash, and on every front. */
  readonly id: string
  /** What has to be answered, as text; the queue does not read it. */
  readonly payload: string
}

export interface Answer {
  /** What came back, as text. */
  readonly text: string
  /** Call it when the answer is safe on disk: until then the queue keeps it for a next front. */
  readonly settle: () => Promise<void>
}

/** Who answers: the model, its compiled form and the kernels, which together decide every word. */
export interface Lane {
  readonly model: string
  /** Of the compiled model: see `compiled/manifest.ts`. */
  readonly fingerprint: string
  /** Which of the processor's or device's instructions compute; they may choose another word now and then. */
  readonly kernels: string
}

/** A worker as it announces itself. */
export interface WorkerNote extends Lane {
  readonly id: string
  /** How many lines it answers at once. */
  readonly places: number
  readonly device: string
  /** Mean seconds of its last lines, or null before the first. */
  readonly secondsEach: number | null
  /** Whether it finishes what it has and takes no more. */
  readonly draining: boolean
}

/** A front's view of the queue. */
export interface Dispatcher {
  /**
   * Answers a job, as often as it takes: a lost worker, a broker that is away or has forgotten everything are
   * waited for. The same id while one is under way, here or elsewhere, is the same job.
   * @throws FlocapError `worker_lost` when workers died over it, `engine_failed` when they could not run it,
   *   `closed` after `close()`; the reason of `signal`, once nothing more is begun for the job.
   */
  run(lane: Lane, job: Job, signal: AbortSignal): Promise<Answer>
  /** Those that have announced themselves within the last seconds. */
  workers(): Promise<readonly WorkerNote[]>
  readonly counts: DispatchCounts
  /** Ends what waits here; jobs that have been given away stay where they are. */
  close(): Promise<void>
}

export interface DispatchCounts {
  /** Jobs given away. */
  readonly sent: number
  /** Jobs given away once more, since the broker knew nothing of them. */
  readonly sentAgain: number
  readonly answered: number
  readonly failed: number
}

/** What a worker does with a payload. It may be stopped by the signal, and may be asked the same twice. */
export type Work = (payload: string, signal: AbortSignal) => Promise<string>

export interface QueueWorker {
  readonly counts: WorkCounts
  /** Takes no more, finishes what it has, says that it is gone. */
  close(): Promise<void>
}

export interface WorkCounts {
  readonly answered: number
  readonly failed: number
  /** Answers that came too late: the job had been given to another, whose answer counts. */
  readonly tooLate: number
}
