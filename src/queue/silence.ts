// How long what was asked may stay without an answer. Networks lose connections without telling either side, and
// the drivers themselves would wait for as long as the process lives.

/**
 * Milliseconds after which a connection that says nothing is closed and made again: longer than a picture takes on
 * a slow line, and shorter than a worker's hold on its jobs (BROKER_TIMES).
 */
export const SILENCE_MS = 20_000

/** Milliseconds that a last word to the broker may take when a process ends. */
const LAST_WORD_MS = 3_000

/** Waits for `closing` no longer than a last word takes; what is left then ends with the process. */
export async function closeSoon(closing: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LAST_WORD_MS)
  })
  try {
    await Promise.race([closing.catch(() => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}
