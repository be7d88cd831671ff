// Long work on the thread that answers everybody is done in slices, with this between them.

/** What takes about a millisecond to look through byte by byte. */
export const SLICE_BYTES = 256 * 1024

/** Resolves when everything else that is due has had its turn. */
export async function giveWay(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
}
