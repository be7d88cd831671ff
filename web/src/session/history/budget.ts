// How much of a browser's disk the history may take, and what leaves it then.

/** Some forty photographs of a phone. Browsers give a site far more, but it is not ours to fill. */
export const MAX_HISTORY_BYTES = 200 * 1024 * 1024

export interface KeptSize {
  /** Later pictures have larger ones. */
  readonly id: number
  readonly bytes: number
}

/**
 * Ids of what must go for the rest to fit: the oldest, and whatever is too large by itself, for which
 * the others do not have to go.
 */
export function overBudget(
  kept: readonly KeptSize[],
  mostBytes = MAX_HISTORY_BYTES,
): readonly number[] {
  let bytes = 0
  return kept
    .toSorted((a, b) => b.id - a.id)
    .filter((each) => {
      if (each.bytes > mostBytes) return true
      bytes += each.bytes
      return bytes > mostBytes
    })
    .map(({ id }) => id)
}
