// What the doctor says about one thing.

export interface Finding {
  /** Short, for the first column. */
  readonly name: string
  /**
   * `problem`: captions cannot be made. `warning`: they can, but something is worth knowing. `absent`: it is
   * not here, and was not asked for.
   */
  readonly status: 'ok' | 'absent' | 'warning' | 'problem'
  readonly detail: string
  /** What to do, one sentence; with every problem and warning. */
  readonly cure?: string
}
