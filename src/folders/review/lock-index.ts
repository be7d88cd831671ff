// Which pictures were locked or let go of, by their names and by their bytes: the newest decision counts.

/** A decision about a picture, and what the picture was then. */
export interface Lock {
  /** Within the output folder, with `/`. */
  readonly name: string
  readonly sha256: string
  readonly size: number
  readonly mtimeMs: number
  readonly locked: boolean
}

export interface LockIndex {
  isEmpty(): boolean
  /** The decision about a picture of this name. */
  byName(name: string): Lock | undefined
  /** One decision for each name that a picture with these bytes had, newest first. */
  byDigest(sha256: string): readonly Lock[]
  /** Whether a decision is about a picture of so many bytes: others need not be hashed. */
  knowsSize(size: number): boolean
  add(lock: Lock): void
  clear(): void
}

export function createLockIndex(): LockIndex {
  const names = new Map<string, Lock>()
  const digests = new Map<string, Map<string, Lock>>()
  const sizes = new Set<number>()
  return {
    isEmpty: () => names.size === 0,
    byName: (name) => names.get(name),
    byDigest: (sha256) => [...(digests.get(sha256)?.values() ?? [])].toReversed(),
    knowsSize: (size) => sizes.has(size),
    add(lock) {
      const { name, sha256, size } = lock
      digests.get(names.get(name)?.sha256 ?? '')?.delete(name)
      names.set(name, lock)
      const same = digests.get(sha256) ?? new Map<string, Lock>()
      digests.set(sha256, same.set(name, lock))
      sizes.add(size)
    },
    clear() {
      names.clear()
      digests.clear()
      sizes.clear()
    },
  }
}
