// The log: lines of JSON on standard error, or readable lines on a terminal.
import { pino } from 'pino'
import type { Logger } from '../base/log.ts'

/**
 * Lines are written together, since a flood of requests would otherwise wait for its own log: a write
 * costs as much as refusing a request.
 */
const MIN_WRITE_BYTES = 8 * 1024

/** Whoever watches the log notices no delay. A process that is killed loses so much of it. */
const FLUSH_MS = 100

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn'
}

export function createLogger({ level }: LogOptions): Logger {
  // File descriptor 2: standard output belongs to captions.
  const destination = pino.destination({
    dest: 2,
    sync: false,
    minLength: MIN_WRITE_BYTES,
    periodicFlush: FLUSH_MS,
  })
  process.once('exit', () => destination.flushSync())
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}
