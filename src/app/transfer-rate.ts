// How fast a transfer is at present, and how long the rest of it takes.

/** Shorter ones jump with every pause of the network, longer ones tell of the past. */
const WINDOW_MS = 10_000
/** Less than this says nothing yet. */
const SHORTEST_MS = 500

export interface TransferRate {
  /** @param bytes of all that has come so far, what was there before included. */
  note(bytes: number): void
  /** Undefined while it is not known. */
  bytesPerSecond(): number | undefined
}

export function createTransferRate(now = (): number => performance.now()): TransferRate {
  let samples: { readonly at: number; readonly bytes: number }[] = []
  return {
    note(bytes) {
      const at = now()
      const last = samples.at(-1)
      // A file that is fetched once more begins at its beginning.
      if (last !== undefined && bytes < last.bytes) samples = []
      samples.push({ at, bytes })
      while (samples.length > 2 && at - (samples[1]?.at ?? at) >= WINDOW_MS) samples.shift()
    },
    bytesPerSecond() {
      const [first] = samples
      const last = samples.at(-1)
      if (first === undefined || last === undefined) return undefined
      // A network that is silent becomes slow, not forgotten.
      const ms = now() - first.at
      return ms < SHORTEST_MS ? undefined : ((last.bytes - first.bytes) * 1000) / ms
    },
  }
}
