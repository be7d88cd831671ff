// A bounded line that clients share: each client waits in the order it came, and the clients take
// turns, so that one that sends hundreds of pictures delays another by one picture only.

export interface Waiter {
  readonly client: string
  /** Of its picture. */
  readonly bytes: number
  /** It is its turn. */
  readonly begin: () => void
  /** It has to make room; it is no longer in the line when this is called. */
  readonly displace: () => void
  /** Told how many begin before it, when that changes. */
  readonly onPlace?: ((ahead: number) => void) | undefined
}

export interface WaitingLine {
  readonly size: number
  readonly isFull: boolean
  /** Whether `add` would take the smallest waiter of this client. */
  hasRoomFor(client: string): boolean
  /** False when there is no room and nobody has to make any. */
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

export function createWaitingLine({
  maxWaiting,
  maxWaitingBytes,
}: WaitingLineOptions): WaitingLine {
  // Clients in the order of their turns, each with at least one waiter.
  const clients = new Map<string, Waiter[]>()
  let size = 0
  let bytes = 0

  function remove(waiter: Waiter): void {
    const own = clients.get(waiter.client)
    const index = own?.indexOf(waiter) ?? -1
    if (own === undefined || index === -1) return
    own.splice(index, 1)
    if (own.length === 0) clients.delete(waiter.client)
    size -= 1
    bytes -= waiter.bytes
  }

  function fits(waiter: Waiter): boolean {
    return size < maxWaiting && bytes + waiter.bytes <= maxWaitingBytes
  }

  /** The newest waiter of the client who has most, if that is more than `client` would have. */
  function findDisplaceable(client: string): Waiter | undefined {
    let largest: Waiter[] = []
    for (const own of clients.values()) if (own.length > largest.length) largest = own
    const wouldHave = (clients.get(client)?.length ?? 0) + 1
    return largest.length > wouldHave ? largest.at(-1) : undefined
  }

  function isFull(): boolean {
    return size >= maxWaiting || bytes >= maxWaitingBytes
  }

  return {
    get size() {
      return size
    },
    get isFull() {
      return isFull()
    },
    hasRoomFor: (client) => !isFull() || findDisplaceable(client) !== undefined,
    add(waiter) {
      while (!fits(waiter)) {
        const other = findDisplaceable(waiter.client)
        if (other === undefined || waiter.bytes > maxWaitingBytes) return false
        remove(other)
        other.displace()
      }
      const own = clients.get(waiter.client)
      if (own === undefined) clients.set(waiter.client, [waiter])
      else own.push(waiter)
      size += 1
      bytes += waiter.bytes
      return true
    },
    take() {
      for (const [client, own] of clients) {
        const [first] = own
        if (first === undefined) continue
        remove(first)
        // To the end of the turns.
        clients.delete(client)
        if (own.length > 0) clients.set(client, own)
        return first
      }
      return undefined
    },
    remove,
    tellPlaces() {
      // Each client's first, then each client's second: the order of the turns.
      const rounds = [...clients.values()]
      let ahead = 0
      for (let round = 0; ahead < size; round += 1) {
        for (const own of rounds) {
          const waiter = own[round]
          if (waiter === undefined) continue
          waiter.onPlace?.(ahead)
          ahead += 1
        }
      }
    },
  }
}
