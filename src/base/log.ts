// The logging seam: layers take a Logger, app/ decides what writes it.

export type LogFields = Readonly<Record<string, unknown>>

/** Fields come first so that a message stays a plain sentence that can be searched for. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  child(fields: LogFields): Logger
}

/** Writes nothing: for tests and for library users who do not want a log. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
}
