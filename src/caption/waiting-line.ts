// A bounded line of two classes: who waits in bulk begins where no interactive request waits, and makes room
// for those when the line is full; one start in eight keeps bulk from waiting for ever.
import type { Priority } from './priority.ts'
import { createTurns, type Turn, type Turns } from './turns.ts'

export interface Waiter extends Turn {
  readonly priority: Priority
  /** It is its turn. */
  readonly begin: () => void
  /** It has to make room; it is no longer in the line when this is called. */
  readonly displace: () => void
  /** Told how many begin before it, when that changes. */
  readonly onPlace?: ((ahead: number) => void) | undefined
}

export interface WaitingLine {
  readonly size: number
  /** How many of this class wait. */
  sizeOf(priority: Priority): number
  /** About how many of those that wait begin before a newcomer of this class does. */
  aheadOf(priority: Priority): number
  /** Whether a newcomer of this class finds the line full, of those that need not make room for it. */
  isFullFor(priority: Priority): boolean
  /** Whether `add` would take the smallest waiter of this client and class. */
  hasRoomFor(client: string, priority: Priority): boolean
  /** False when there is no room and no other has to make any. */
  add(waiter: Waiter): boolean
  /** Takes out whose turn it is. */
  take(): Waiter | undefined
  remove(waiter: Waiter): void
  /** Tells the waiters that want to know it their places. */
  tellPlaces(): void
}

export interface WaitingLineOptions {
  readonly maxWaiting: number
  readonly maxWaitingBytes: number
}

/** One start in eight is bulk's: a share that people hardly notice, and that an archive gets through with. */
export const INTERACTIVE_STARTS_BEFORE_BULK = 7

export function createWaitingLine({
  maxWaiting,
  maxWaitingBytes,
}: WaitingLineOptions): WaitingLine {
  const interactive = createTurns<Waiter>()
  const bulk = createTurns<Waiter>()
  const classes: Readonly<Record<Priority, Turns<Waiter>>> = { interactive, bulk }
  /** Interactive starts since one of bulk, or since bulk began to wait. */
  let startsBeforeBulk = 0

  /** What cannot be moved out of the way of this class, other than by turns of its clients. */
  function taken(priority: Priority): { readonly size: number; readonly bytes: number } {
    if (priority === 'interactive') return interactive
    return { size: interactive.size + bulk.size, bytes: interactive.bytes + bulk.bytes }
  }

  function fits({ bytes }: Waiter, beside: { size: number; bytes: number }): boolean {
    return beside.size < maxWaiting && beside.bytes + bytes <= maxWaitingBytes
  }

  function isFullFor(priority: Priority): boolean {
    const { size, bytes } = taken(priority)
    return size >= maxWaiting || bytes >= maxWaitingBytes
  }

  /** The newest waiter of the client who has most, if that is more than `client` would have. */
  function findDisplaceable(client: string, priority: Priority): Waiter | undefined {
    const own = classes[priority]
    return own.newestOfLargest(own.countOf(client) + 1)
  }

  function displace(waiter: Waiter): void {
    classes[waiter.priority].remove(waiter)
    waiter.displace()
  }

  /** Both classes in the order of their starts, as `take` would give them. */
  function* inOrder(): Iterable<Waiter> {
    const [first, second] = [[...interactive.inOrder()], [...bulk.inOrder()]]
    let starts = startsBeforeBulk
    while (first.length + second.length > 0) {
      const isBulk = isTurnOfBulk(first.length, second.length, starts)
      starts = isBulk ? 0 : starts + 1
      const next = (isBulk ? second : first).shift()
      if (next !== undefined) yield next
    }
  }

  return {
    get size() {
      return interactive.size + bulk.size
    },
    sizeOf: (priority) => classes[priority].size,
    aheadOf: (priority) => taken(priority).size,
    isFullFor,
    hasRoomFor: (client, priority) =>
      !isFullFor(priority) || findDisplaceable(client, priority) !== undefined,
    add(waiter) {
      const { client, bytes, priority } = waiter
      if (bytes > maxWaitingBytes) return false
      while (!fits(waiter, taken(priority))) {
        const other = findDisplaceable(client, priority)
        if (other === undefined) return false
        displace(other)
      }
      // Only now is it sure that bulk does not make room in vain.
      while (!fits(waiter, taken('bulk'))) {
        const other = bulk.newestOfLargest()
        if (other === undefined) return false
        displace(other)
      }
      if (priority === 'bulk' && bulk.size === 0) startsBeforeBulk = 0
      classes[priority].add(waiter)
      return true
    },
    take() {
      const isBulk = isTurnOfBulk(interactive.size, bulk.size, startsBeforeBulk)
      startsBeforeBulk = isBulk ? 0 : startsBeforeBulk + 1
      return (isBulk ? bulk : interactive).take()
    },
    remove: (waiter) => classes[waiter.priority].remove(waiter),
    tellPlaces() {
      let ahead = 0
      for (const waiter of inOrder()) {
        waiter.onPlace?.(ahead)
        ahead += 1
      }
    },
  }
}

/** @param starts interactive ones since one of bulk. */
function isTurnOfBulk(interactiveLeft: number, bulkLeft: number, starts: number): boolean {
  if (bulkLeft === 0) return false
  return interactiveLeft === 0 || starts >= INTERACTIVE_STARTS_BEFORE_BULK
}
