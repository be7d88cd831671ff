// Ctrl-C for commands that can stop in order; the second one ends at once.

/** A signal that the first SIGINT or SIGTERM fires. */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort())
  }
  return controller.signal
}
