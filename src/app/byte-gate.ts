// Lets in what fits, and the rest as it leaves: a bound on bytes that are held at once. What is larger than
// the bound goes alone.

export interface ByteGate {
  /** @returns what its caller calls when it leaves. @throws the reason of `signal` */
  enter(bytes: number, signal: AbortSignal): Promise<() => void>
}

export function createByteGate(maxBytes: number): ByteGate {
  const waiting = new Set<() => void>()
  let inside = 0
  let held = 0

  const isTooMuch = (bytes: number): boolean => inside > 0 && held + bytes > maxBytes

  function leave(bytes: number): void {
    inside -= 1
    held -= bytes
    for (const wake of waiting) wake()
  }

  return {
    async enter(bytes, signal) {
      while (isTooMuch(bytes)) {
        signal.throwIfAborted()
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake)
            signal.removeEventListener('abort', wake)
            resolve()
          }
          waiting.add(wake)
          signal.addEventListener('abort', wake)
        })
      }
      signal.throwIfAborted()
      inside += 1
      held += bytes
      return () => leave(bytes)
    },
  }
}
