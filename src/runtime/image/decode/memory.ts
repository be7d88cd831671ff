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
    throw new MemoryFailure('no memory is left for pictures', { cause })
  }
}
