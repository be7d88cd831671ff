// How long a request may take to arrive. Node has one time for all requests; a file of gigabytes over a slow line
// needs hours, and what tells it from a client that holds a socket is that it goes on.
import type { IncomingMessage } from 'node:http'

export interface ArrivalLimits {
  /** Milliseconds for a whole request that is no upload. */
  readonly wholeMs: number
  /** Of an upload: so many bytes have to come within each window of so many milliseconds. */
  readonly windowMs: number
  readonly windowBytes: number
}

/**
 * Five minutes for what is held in memory. Uploads go to the disk: 8 kB a second over a minute, a tenth of the
 * slowest lines that are sold, where one packet after the other would be a trick.
 */
export const ARRIVAL_LIMITS: ArrivalLimits = {
  wholeMs: 300_000,
  windowMs: 60_000,
  windowBytes: 60 * 8_000,
}

/**
 * @param onLate called at most once, before the request has arrived
 */
export function watchArrival(
  incoming: IncomingMessage,
  limits: ArrivalLimits,
  onLate: () => void,
): void {
  const { socket } = incoming
  if (incoming.complete) return
  const isUploading = isUpload(incoming)
  let seen = socket.bytesRead
  const look = (): void => {
    if (incoming.complete) {
      stop()
      return
    }
    const came = socket.bytesRead - seen
    seen = socket.bytesRead
    if (isUploading && came >= limits.windowBytes) return
    stop()
    onLate()
  }
  const timer = setInterval(look, isUploading ? limits.windowMs : limits.wholeMs).unref()
  const stop = (): void => clearInterval(timer)
  incoming.once('end', stop)
  incoming.once('close', stop)
}

/** POST /v1/files, behind whatever prefix. */
function isUpload({ method, url = '' }: IncomingMessage): boolean {
  return method === 'POST' && /\/v1\/files\/?(?:\?|$)/.test(url)
}
