// An answer while it is written: pieces of text for who iterates, the whole for who awaits.
import type { Answer, TaskId } from './answers.ts'

/**
 * The pieces of an answer as they become certain; together they are exactly `text` of `answer`. The work
 * begins at once. Leaving a loop over it before the end aborts the work.
 */
export interface CaptionStream<T extends TaskId = TaskId> extends AsyncIterable<string> {
  /**
   * The whole answer. Need not be awaited: a loop over the pieces throws what it rejects with, a
   * FlocapError as of `Captioner`, or the reason of a signal. A server may end a stream on its way, with
   * `queue_full` for one: it is asked again unless a piece was given already.
   */
  readonly answer: Promise<Answer<T>>
}

/** @param work gives the answer and tells its pieces; ends when the signal fires. */
export function createStream<T extends TaskId>(
  work: (onText: (text: string) => void, signal: AbortSignal) => Promise<Answer<T>>,
): CaptionStream<T> {
  const left = new AbortController()
  const pieces: string[] = []
  let isDone = false
  let changed = createSignal()
  const change = (): void => {
    const { resolve } = changed
    changed = createSignal()
    resolve()
  }
  const answer = work((text) => {
    pieces.push(text)
    change()
  }, left.signal).finally(() => {
    isDone = true
    change()
  })
  answer.catch(() => undefined)

  const isWaitedFor = (place: number): boolean => place >= pieces.length && !isDone

  async function* iterate(): AsyncGenerator<string, void, undefined> {
    try {
      for (let next = 0; ; next += 1) {
        while (isWaitedFor(next)) await changed.promise
        const piece = pieces[next]
        if (piece === undefined) break
        yield piece
      }
      await answer
    } finally {
      // Without effect on work that is done.
      left.abort(new DOMException('The loop over the answer was left.', 'AbortError'))
    }
  }

  return { answer, [Symbol.asyncIterator]: iterate }
}

interface Signal {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function createSignal(): Signal {
  let resolve = (): void => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
