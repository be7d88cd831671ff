// The log, on standard error: readable lines on a terminal, JSON for everything else.
import { type DestinationStream, pino } from 'pino'
import sonicBoom from 'sonic-boom'
import { recordErrors } from '../base/error-record.ts'
import type { Logger } from '../base/log.ts'
import { toPrintableJson } from '../base/printable.ts'
import type { LogForm } from '../config/settings.ts'
import { renderLogLine } from './log-line.ts'

/**
 * Lines are written together, since a flood of requests would otherwise wait for its own log: a write
 * costs as much as refusing a request.
 */
const MIN_WRITE_BYTES = 8 * 1024

/** Too short to be noticed by a reader of the log. A process that is killed loses so much of it. */
const FLUSH_MS = 100

/** What cannot be written is kept so far; later lines are dropped. */
const MAX_WAITING_BYTES = 1024 * 1024

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn'
  /** Default `auto`. */
  readonly form?: LogForm
  /** Where finished lines go; standard error unless a test says otherwise. */
  readonly output?: DestinationStream
}

export function createLogger({
  level,
  form = 'auto',
  output = openErrorOutput(),
}: LogOptions): Logger {
  const { isTTY } = process.stderr
  const readable = form === 'text' || (form !== 'json' && isTTY)
  // hasColors() heeds NO_COLOR, FORCE_COLOR and TERM; a pipe has none.
  const colour = isTTY && process.stderr.hasColors()
  // What is JSON now, may be read on a terminal later.
  const render = readable ? (line: string) => renderLogLine(line, { colour }) : toPrintableJson
  const sink = { write: (line: string) => output.write(render(line)) }
  return pino(
    {
      level: form === 'quiet' ? 'warn' : level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Whatever key an error stands under, its message, code and stack are written.
      formatters: { log: recordErrors },
      serializers: { err: (record: unknown) => record },
    },
    sink,
  )
}

/**
 * A log that cannot be written, since its disk is full or its terminal gone, stops nothing: what waits is tried
 * again with the next lines.
 */
function openErrorOutput(): DestinationStream {
  // File descriptor 2: standard output belongs to captions.
  const output = new sonicBoom.SonicBoom({
    fd: 2,
    sync: false,
    minLength: MIN_WRITE_BYTES,
    maxLength: MAX_WAITING_BYTES,
    periodicFlush: FLUSH_MS,
  })
  output.on('error', () => undefined)
  process.once('exit', () => {
    try {
      output.flushSync()
    } catch {
      // No one is left to be told.
    }
  })
  return output
}
