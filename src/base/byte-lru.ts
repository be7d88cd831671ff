// A map that forgets its least recently used entries when they take too many bytes.

export interface ByteLru<Value> {
  get(key: string): Value | undefined
  /** An entry larger than the whole map is not kept. */
  set(key: string, value: Value): void
  readonly size: number
  readonly bytes: number
}

/** `sizeOf` estimates the bytes of an entry; it is asked once, when the entry is set. */
export function createByteLru<Value>(
  maxBytes: number,
  sizeOf: (key: string, value: Value) => number,
): ByteLru<Value> {
  // A Map keeps the order of insertion: its first entry is the one unused for longest.
  const entries = new Map<string, { readonly value: Value; readonly bytes: number }>()
  let total = 0

  function remove(key: string): void {
    total -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    set(key, value) {
      remove(key)
      const bytes = sizeOf(key, value)
      if (bytes > maxBytes) return
      entries.set(key, { value, bytes })
      total += bytes
      for (const oldest of entries.keys()) {
        if (total <= maxBytes) break
        remove(oldest)
      }
    },
    get size() {
      return entries.size
    },
    get bytes() {
      return total
    },
  }
}
