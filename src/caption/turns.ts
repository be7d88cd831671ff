// A line that clients share: each client waits in the order it came, and the clients take turns, so
// that one that sends hundreds of pictures delays another by one picture only.

/** What stands in the line. */
export interface Turn {
  readonly client: string
  /** Of its picture. */
  readonly bytes: number
}

export interface Turns<T extends Turn> {
  readonly size: number
  readonly bytes: number
  add(turn: T): void
  /** Takes out whose turn it is. */
  take(): T | undefined
  remove(turn: T): void
  /** How many of this client wait. */
  countOf(client: string): number
  /** The newest of the client that has most, if that client has more than `least`. */
  newestOfLargest(least?: number): T | undefined
  /** All of them, in the order in which `take` would give them. */
  inOrder(): Iterable<T>
}

export function createTurns<T extends Turn>(): Turns<T> {
  // Clients in the order of their turns, each with at least one in the line.
  const clients = new Map<string, T[]>()
  let size = 0
  let bytes = 0

  function remove(turn: T): void {
    const own = clients.get(turn.client)
    const index = own?.indexOf(turn) ?? -1
    if (own === undefined || index === -1) return
    own.splice(index, 1)
    if (own.length === 0) clients.delete(turn.client)
    size -= 1
    bytes -= turn.bytes
  }

  return {
    get size() {
      return size
    },
    get bytes() {
      return bytes
    },
    add(turn) {
      const own = clients.get(turn.client)
      if (own === undefined) clients.set(turn.client, [turn])
      else own.push(turn)
      size += 1
      bytes += turn.bytes
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
    countOf: (client) => clients.get(client)?.length ?? 0,
    newestOfLargest(least = 0) {
      let largest: T[] = []
      for (const own of clients.values()) if (own.length > largest.length) largest = own
      return largest.length > least ? largest.at(-1) : undefined
    },
    *inOrder() {
      // Each client's first, then each client's second: the order of the turns.
      const rounds = [...clients.values()].map((own) => [...own])
      for (let round = 0, given = 1; given > 0; round += 1) {
        given = 0
        for (const own of rounds) {
          const turn = own[round]
          if (turn === undefined) continue
          given += 1
          yield turn
        }
      }
    },
  }
}
