// The text of server-sent events (WHATWG HTML, section 9.2).
import type { StreamFormat } from './stream.ts'

export const EVENT_STREAM: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  // A comment: every client skips it, every proxy sees traffic.
  signOfLife: ': keep-alive\n\n',
}

/** JSON has no line breaks of its own, so no caption can break the framing. */
export function renderEvent(data: unknown, name?: string): string {
  const event = name === undefined ? '' : `event: ${name}\n`
  return `${event}data: ${JSON.stringify(data)}\n\n`
}
