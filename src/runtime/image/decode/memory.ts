// Tells a picture that cannot be decoded from a process that has no memory left: libvips reports both
// alike, and the second is no fault of the picture.

/** What a decoder asks for at a time, at most. It is asked for and given back, never written to. */
const PROBE_BYTES = 64 * 1024 * 1024

/** There is no memory for a picture, and there will be none in this process. */
export class MemoryFailure extends Error {
  override readonly name = 'MemoryFailure'
}

/**
 * @param allocate for tests.
 * @throws MemoryFailure with `cause`.
 */
export function assertMemory(
  cause: unknown,
  allocate: (bytes: number) => unknown = (bytes) => new ArrayBuffer(bytes),
): void {
  try {
    allocate(PROBE_BYTES)
  } catch {
    throw createMemoryFailure(cause)
  }
}

/**
 * Runs `work` on a picture.
 *
 * @throws MemoryFailure for the RangeErrors by which V8 refuses an array or a memory; what `work`
 *   throws otherwise.
 */
export async function withMemory<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RangeError && REFUSALS.test(error.message))
      throw createMemoryFailure(error)
    throw error
  }
}

const REFUSALS = /allocation failed|Unable to grow|could not allocate memory/i

function createMemoryFailure(cause: unknown): MemoryFailure {
  return new MemoryFailure('no memory is left for pictures', { cause })
}
