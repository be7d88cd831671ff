// Many pictures: items are pulled as answers are taken, so that a slow reader holds back a fast source
// and nothing piles up between them.
import { FlocapError } from '../base/errors.ts'

/** What became of an item: its answers, one for each question, or the FlocapError that it met. */
export type BatchResult<Item, Answers> =
  | { readonly item: Item; readonly answers: Answers; readonly error?: undefined }
  | { readonly item: Item; readonly error: FlocapError; readonly answers?: undefined }

export interface BatchPlan<Item, Answers> {
  readonly items: Iterable<Item> | AsyncIterable<Item>
  readonly answer: (item: Item, signal: AbortSignal) => Promise<Answers>
  /** Items that are worked on or wait for the reader, at least 1. */
  readonly concurrency: number
  /** Results in the order of the items, or as they come. */
  readonly ordered: boolean
  readonly signal: AbortSignal | undefined
}

type Event<Item, Answers> =
  | { readonly kind: 'pulled'; readonly next: IteratorResult<Item, unknown> }
  | { readonly kind: 'done'; readonly id: number; readonly result: BatchResult<Item, Answers> }

/**
 * One result for each item. A FlocapError of one item is its result; every other failure, an abort above
 * all, ends the batch. Leaving the loop aborts what runs.
 */
export async function* runBatch<Item, Answers>({
  items,
  answer,
  concurrency,
  ordered,
  signal,
}: BatchPlan<Item, Answers>): AsyncGenerator<BatchResult<Item, Answers>, void, undefined> {
  const source =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const ended = new AbortController()
  const onAbort = (): void => ended.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const running = new Map<number, Promise<Event<Item, Answers>>>()
  let pulling: Promise<Event<Item, Answers>> | undefined
  let isExhausted = false
  let count = 0

  async function pull(): Promise<Event<Item, Answers>> {
    return { kind: 'pulled', next: await source.next() }
  }

  async function work(item: Item, id: number): Promise<Event<Item, Answers>> {
    try {
      const answers = await answer(item, ended.signal)
      return { kind: 'done', id, result: { item, answers } }
    } catch (error) {
      const isOwn = error instanceof FlocapError && error.code !== 'closed'
      if (!isOwn || ended.signal.aborted) throw error
      return { kind: 'done', id, result: { item, error } }
    }
  }

  try {
    signal?.throwIfAborted()
    for (;;) {
      if (!isExhausted && pulling === undefined && running.size < concurrency) pulling = pull()
      const [head] = running.values()
      const finished = ordered ? (head === undefined ? [] : [head]) : [...running.values()]
      const candidates = [...(pulling === undefined ? [] : [pulling]), ...finished]
      if (candidates.length === 0) return
      const event = await Promise.race(candidates)
      if (event.kind === 'done') {
        running.delete(event.id)
        yield event.result
        continue
      }
      pulling = undefined
      if (event.next.done === true) {
        isExhausted = true
        continue
      }
      const task = work(event.next.value, count)
      // It is raced when its turn comes.
      task.catch(() => undefined)
      running.set(count, task)
      count += 1
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    ended.abort(new DOMException('The loop over the batch was left.', 'AbortError'))
    pulling?.catch(() => undefined)
    // A source that is being waited for cannot be told, and is not waited for.
    const farewell = isExhausted ? undefined : source.return?.()
    if (pulling === undefined) await farewell
  }
}
