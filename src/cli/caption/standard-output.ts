// Standard output that can fail: a reader that has gone (`| head`) ends the run quietly, a full disk
// behind it (`> captions.txt`) is an error.
import { FlocapError } from '../../base/errors.ts'
import { systemCode, toDiskError } from '../../base/system-errors.ts'

export interface StandardOutput {
  /** Waits for a reader that is slower than the captions. */
  print(line: string): Promise<void>
  /** Whether nobody reads any more. */
  readonly isClosed: boolean
}

/** @param stream written by nobody else while it is used. */
export function openStandardOutput(stream: NodeJS.WriteStream = process.stdout): StandardOutput {
  let isClosed = false
  // Errors are told to the write that meets them; without a listener they would end the process.
  stream.on('error', () => undefined)
  return {
    get isClosed() {
      return isClosed
    },
    async print(line) {
      if (isClosed) return
      const error = await new Promise<Error | null | undefined>((resolve) => {
        stream.write(`${line}\n`, resolve)
      })
      if (!error) return
      isClosed = true
      if (systemCode(error) === 'EPIPE') return
      throw toFailure(error)
    },
  }
}

function toFailure(cause: Error): unknown {
  const failure = toDiskError(cause, { what: 'Printing captions', path: 'standard output' })
  if (failure instanceof FlocapError) return failure
  return new FlocapError('file_not_written', 'Standard output cannot be written to.', { cause })
}
