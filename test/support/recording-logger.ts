// A logger that keeps what it is told, children's lines among their parent's, with their fields.
import type { LogFields, Logger } from '../../src/base/log.ts'

export interface LoggedLine {
  readonly level: keyof Omit<Logger, 'child'>
  readonly fields: LogFields
  readonly message: string
}

export function createRecordingLogger(): { readonly lines: LoggedLine[]; readonly logger: Logger } {
  const lines: LoggedLine[] = []
  const loggerWith = (bound: LogFields): Logger => {
    const write = (level: LoggedLine['level']) => (fields: LogFields, message: string) => {
      lines.push({ level, fields: { ...bound, ...fields }, message })
    }
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => loggerWith({ ...bound, ...fields }),
    }
  }
  return { lines, logger: loggerWith({}) }
}
