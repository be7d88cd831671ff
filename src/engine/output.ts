// What an engine process writes by itself, line by line into the log: messages of native libraries and
// the last words of a process that dies. On the terminal they would stand between captions, and on
// standard output they would count as one.
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { Logger } from '../base/log.ts'

/** Of a line that no library should write. */
const MAX_LINE_LENGTH = 2_000

/** What main.ts writes where it cannot send any more. */
const LastWords = z.looseObject({ level: z.number(), msg: z.string() })

/** Follows the stream to its end. */
export function logOutput(output: Readable, log: Logger): void {
  createInterface({ input: output }).on('line', (line) => {
    if (line.trim() === '') return
    const words = readLastWords(line)
    if (words === undefined) {
      log.warn({ line: line.slice(0, MAX_LINE_LENGTH) }, 'output of the engine process')
    } else {
      const { level: _level, msg, ...fields } = words
      log.error(fields, msg)
    }
  })
}

function readLastWords(line: string): z.infer<typeof LastWords> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return LastWords.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
