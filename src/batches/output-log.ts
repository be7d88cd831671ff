// An output of a batch while it runs: a line for each answer, added with its line break in one write.
//
// After a crash the file itself says which lines are done: a last line without its line break was being
// written, is cut off, and runs again.
import { type FileHandle, open } from 'node:fs/promises'
import { readLines } from './lines.ts'

const LINE_FEED = 0x0a
/** A block from the end, in search of the last line break. */
const TAIL_BYTES = 64 * 1024

export interface OutputLog {
  readonly path: string
  /** Bytes of whole lines. */
  readonly size: number
  /** Whole or not at all; one after the other. @throws what the file system says. */
  append(line: string): Promise<void>
  /** On the disk, whatever happens to the power. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Opens or makes the file, and cuts a torn last line off. */
export async function openOutputLog(path: string): Promise<OutputLog> {
  const file = await open(path, 'a+')
  try {
    return createLog(path, file, await cutTornLine(file))
  } catch (error) {
    await file.close()
    throw error
  }
}

function createLog(path: string, file: FileHandle, start: number): OutputLog {
  let size = start
  let last: Promise<void> = Promise.resolve()

  async function write(bytes: Uint8Array): Promise<void> {
    try {
      // A disk that is nearly full takes a part of it.
      for (let done = 0; done < bytes.byteLength;) {
        const { bytesWritten } = await file.write(bytes, done)
        done += bytesWritten
      }
      size += bytes.byteLength
    } catch (error) {
      await file.truncate(size)
      throw error
    }
  }

  return {
    path,
    get size() {
      return size
    },
    append(line) {
      const bytes = Buffer.from(`${line}\n`)
      const written = last.then(async () => write(bytes))
      last = written.catch(() => undefined)
      return written
    },
    async flush() {
      await last
      await file.datasync()
    },
    async close() {
      await last
      await file.close()
    },
  }
}

/** @returns the size that is left. */
async function cutTornLine(file: FileHandle): Promise<number> {
  const { size } = await file.stat()
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - TAIL_BYTES)
    const block = Buffer.alloc(end - start)
    await file.read(block, 0, block.byteLength, start)
    const found = block.lastIndexOf(LINE_FEED)
    if (found !== -1) {
      const whole = start + found + 1
      if (whole < size) await file.truncate(whole)
      return whole
    }
    end = start
  }
  if (size > 0) await file.truncate(0)
  return 0
}

/** The lines that an output has, parsed. Answers are short: one with a drawing has some megabytes. */
export async function* readOutput(path: string): AsyncGenerator {
  for await (const { bytes } of readLines(path, Number.MAX_SAFE_INTEGER)) {
    if (bytes !== undefined) yield JSON.parse(Buffer.from(bytes).toString('utf8'))
  }
}
