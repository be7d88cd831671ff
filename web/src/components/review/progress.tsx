// How far something is that is done to many captions, and a button that stops it.

export interface ProgressProps {
  readonly what: string
  readonly done: number
  readonly total: number
  /** Nothing new begins; what is done stays, and can be undone. */
  readonly onStop: () => void
}

export function Progress({ what, done, total, onStop }: ProgressProps) {
  return (
    <div class="review-progress">
      <label>
        {what}: {done} of {total}
        <progress max={total} value={done} />
      </label>
      <button type="button" onClick={onStop}>
        Stop
      </button>
    </div>
  )
}
