// Compiling and loading a model end, whatever the model: a ceiling for their time and their memory.
//
// A checkpoint comes from elsewhere, and its numbers are checked before they are used. This stands
// behind those checks: an engine that goes on for ever is ended before the machine suffers.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import { formatBytes } from '../base/format-bytes.ts'

/** Twenty times what the large model takes on a machine of two slow cores. */
const MAX_LOADING_MS = 60 * 60_000
/** Node, the libraries and the largest moment of compiling base come to 1.1 GB. */
const BASE_BYTES = 4_000_000_000
/** Of float16, compiling holds at most some tensors and ONNX Runtime a copy in float32. */
const BYTES_PER_CHECKPOINT_BYTE = 4
const CHECK_EVERY_MS = 1_000

export interface LoadingLimits {
  readonly maxMs: number
  readonly maxBytes: number
}

/** @param source the checkpoint's folder, if there is one; a large one may take more memory. */
export function limitsFor(source: string | undefined): LoadingLimits {
  return {
    maxMs: MAX_LOADING_MS,
    maxBytes:
      BASE_BYTES + BYTES_PER_CHECKPOINT_BYTE * (source === undefined ? 0 : sizeOfFolder(source)),
  }
}

export interface WatchedLoading {
  readonly limits: LoadingLimits
  /** Memory that the process takes, in bytes. */
  readonly residentBytes: () => number
  /** Called once, with the error that loading ends with. */
  readonly onExceeded: (error: FlocapError) => void
}

/** @returns stops watching. */
export function watchLoading({ limits, residentBytes, onExceeded }: WatchedLoading): () => void {
  const began = performance.now()
  const timer = setInterval(() => {
    const bytes = residentBytes()
    const isLate = performance.now() - began > limits.maxMs
    if (!isLate && bytes <= limits.maxBytes) return
    clearInterval(timer)
    onExceeded(isLate ? tooLong(limits.maxMs) : tooLarge(bytes, limits.maxBytes))
  }, CHECK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Memory of a process that no file backs, where the system tells; undefined elsewhere. */
export function readAnonymousBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
  } catch {
    return undefined
  }
}

function tooLong(maxMs: number): FlocapError {
  const message = `Loading the model took more than ${Math.round(maxMs / 60_000)} minutes.`
  return new FlocapError('invalid_model', message, { hint: HINT })
}

function tooLarge(bytes: number, maxBytes: number): FlocapError {
  return new FlocapError(
    'invalid_model',
    `Loading the model took ${formatBytes(bytes)} of memory; for its size ${formatBytes(maxBytes)} are allowed.`,
    { hint: HINT },
  )
}

const HINT = 'Its files may be damaged or made to do harm: fetch the model again.'

function sizeOfFolder(folder: string): number {
  try {
    return readdirSync(folder).reduce(
      (total, name) => total + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    )
  } catch {
    // That there is no such folder is told by the engine.
    return 0
  }
}
