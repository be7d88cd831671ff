// What a socket has received goes to the HTTP parser in portions.
//
// The system hands over up to 64 KiB at a time, and Node's parser goes through all of it before it is
// noticed that the connection was ended: a thousand requests that nobody will answer, some 10 ms each
// connection, and nothing else is done meanwhile. After a portion it can stop.
import type { Socket } from 'node:net'

/** Some hundred requests of the shortest kind; for a large body, a few microseconds more each. */
const PORTION_BYTES = 8 * 1024

/** Lets the reader of `socket` see at most a portion at once, and nothing once the socket is destroyed. */
export function readInPortions(socket: Socket): void {
  const push = socket.push.bind(socket)
  socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (!Buffer.isBuffer(chunk)) return push(chunk, encoding)
    let wantsMore = true
    for (let from = 0; from < chunk.byteLength && !socket.destroyed; from += PORTION_BYTES) {
      wantsMore = push(chunk.subarray(from, from + PORTION_BYTES))
    }
    return wantsMore
  }
  // Node's parser reads from the system by itself as long as it is the only one that listens.
  socket.on('data', () => undefined)
}
