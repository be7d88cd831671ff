// The log: lines of JSON on standard error, or readable lines on a terminal.
import { pino } from 'pino'
import type { Logger } from '../base/log.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn'
}

export function createLogger({ level }: LogOptions): Logger {
  // File descriptor 2: standard output belongs to captions. Lines are written together when many come
  // at once, since a flood of requests would otherwise wait for its own log.
  const destination = pino.destination({ dest: 2, sync: false })
  process.once('exit', () => destination.flushSync())
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}
