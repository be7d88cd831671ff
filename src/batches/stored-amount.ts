// How much the files of each owner are, those that are still arriving included: uploads at the same time
// cannot have the same room.

export interface Amount {
  readonly files: number
  readonly bytes: number
}

export interface StoredAmount {
  /** Room for what is about to be written. @returns whether there is as much */
  take(owner: string, more: Amount): Promise<boolean>
  /** Counts what has to be kept in any case. */
  add(owner: string, more: Amount): Promise<void>
  giveBack(owner: string, less: Amount): Promise<void>
  of(owner: string): Promise<Amount>
}

/** @param count what is on the disk of an owner; asked once, before anything of theirs is written. */
export function createStoredAmount(
  limit: Amount,
  count: (owner: string) => Promise<Amount>,
): StoredAmount {
  const counted = new Map<string, Promise<{ files: number; bytes: number }>>()

  async function sumOf(owner: string): Promise<{ files: number; bytes: number }> {
    const known = counted.get(owner) ?? count(owner).then((amount) => ({ ...amount }))
    counted.set(owner, known)
    // A disk that could not be read is asked again.
    known.catch(() => counted.delete(owner))
    return known
  }

  async function change(owner: string, { files, bytes }: Amount, sign: 1 | -1): Promise<void> {
    const sum = await sumOf(owner)
    sum.files += sign * files
    sum.bytes += sign * bytes
  }

  return {
    async take(owner, { files, bytes }) {
      const sum = await sumOf(owner)
      if (sum.files + files > limit.files || sum.bytes + bytes > limit.bytes) return false
      sum.files += files
      sum.bytes += bytes
      return true
    },
    add: async (owner, more) => change(owner, more, 1),
    giveBack: async (owner, less) => change(owner, less, -1),
    async of(owner) {
      return { ...(await sumOf(owner)) }
    },
  }
}
