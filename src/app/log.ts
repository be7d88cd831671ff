// The log, on standard error: readable lines on a terminal, JSON for everything else.
import { pino } from 'pino'
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

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn'
  /** Default `auto`. */
  readonly form?: LogForm
}

export function createLogger({ level, form = 'auto' }: LogOptions): Logger {
  // File descriptor 2: standard output belongs to captions.
  const destination = pino.destination({
    dest: 2,
    sync: false,
    minLength: MIN_WRITE_BYTES,
    periodicFlush: FLUSH_MS,
  })
  process.once('exit', () => destination.flushSync())
  const { isTTY } = process.stderr
  const readable = form === 'text' || (form !== 'json' && isTTY)
  // hasColors() heeds NO_COLOR, FORCE_COLOR and TERM; a pipe has none.
  const colour = isTTY && process.stderr.hasColors()
  const sink = readable
    ? { write: (line: string) => destination.write(renderLogLine(line, { colour })) }
    : // Somebody may read it on a terminal later.
      { write: (line: string) => destination.write(toPrintableJson(line)) }
  return pino(
    {
      level: form === 'quiet' ? 'warn' : level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    sink,
  )
}
