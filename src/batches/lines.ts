// The lines of a file, as a stream: memory grows with the longest line that is allowed, never with the
// file.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { giveWay } from '../base/give-way.ts'

export interface Line {
  /** From 1, blank lines counted: what an editor shows. */
  readonly number: number
  /** Of its first byte. */
  readonly offset: number
  /** Without its line break. */
  readonly length: number
  /** Undefined for a line that is longer than the limit. */
  readonly bytes: Uint8Array | undefined
}

/** Where a line stands, for whoever reads it later. */
export type LinePlace = Pick<Line, 'offset' | 'length'>

/** Also what is looked through before others have their turn. */
const READ_BYTES = 256 * 1024
/** So many lines take about a millisecond, however short they are. */
const LINES_OF_TURN = 2_048
const LINE_FEED = 0x0a

/** All lines that are not blank. @param maxBytes of one that is held. */
export async function* readLines(path: string, maxBytes: number): AsyncGenerator<Line> {
  let number = 1
  let offset = 0
  let length = 0
  let pieces: Uint8Array[] = []
  let isBlank = true

  function add(piece: Uint8Array): void {
    length += piece.byteLength
    isBlank &&= piece.every(isWhiteSpace)
    if (length > maxBytes) pieces = []
    else if (piece.byteLength > 0) pieces.push(piece)
  }

  function take(): Line | undefined {
    const bytes = length > maxBytes ? undefined : Buffer.concat(pieces)
    const line: Line = { number, offset, length, bytes }
    const isLine = bytes === undefined || !isBlank
    number += 1
    offset += length + 1
    length = 0
    pieces = []
    isBlank = true
    return isLine ? line : undefined
  }

  const file = createReadStream(path, { highWaterMark: READ_BYTES })
  for await (const chunk of file as AsyncIterable<Buffer>) {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start)
      if (end === -1) break
      add(chunk.subarray(start, end))
      const line = take()
      if (line !== undefined) yield line
      if (number % LINES_OF_TURN === 0) await giveWay()
      start = end + 1
    }
    add(chunk.subarray(start))
  }
  if (length === 0) return
  const last = take()
  if (last !== undefined) yield last
}

/** The bytes of one line. @throws what the file system says, RangeError for a file that is shorter. */
export async function readLine(path: string, { offset, length }: LinePlace): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length)
  const file = await open(path, 'r')
  try {
    let read = 0
    while (read < length) {
      const { bytesRead } = await file.read(bytes, read, length - read, offset + read)
      if (bytesRead === 0) throw new RangeError(`Expected ${length} bytes at ${offset} of ${path}.`)
      read += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d
}
