// Ids of files and batches: they sort as they were made, so that a page of a list is a part of the
// folder's names, and nothing that a client sends as an id can be a path. The page reads them too: nothing here
// is Node's alone.

/** Milliseconds since 1970 in base 36: nine digits until the year 5188. */
const TIME_DIGITS = 9
const RANDOM_BYTES = 8

const BODY = '[0-9a-z]{9}[0-9a-f]{16}'
const FILE_ID = new RegExp(`^file-${BODY}$`)
const BATCH_ID = new RegExp(`^batch_${BODY}$`)

let lastTime = 0

/** Sorts behind all that this process has made before, even within one millisecond. */
function createBody(): string {
  lastTime = Math.max(Date.now(), lastTime + 1)
  const time = lastTime.toString(36).padStart(TIME_DIGITS, '0')
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))
  return time + Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function createFileId(): string {
  return `file-${createBody()}`
}

export function createBatchId(): string {
  return `batch_${createBody()}`
}

export function isFileId(text: string): boolean {
  return FILE_ID.test(text)
}

export function isBatchId(text: string): boolean {
  return BATCH_ID.test(text)
}

/** When a batch was made, in milliseconds since 1970. */
export function timeOfBatch(id: string): number {
  return parseInt(id.slice('batch_'.length, 'batch_'.length + TIME_DIGITS), 36)
}

/** Of one line's answer: with it, what is done can be told without reading the input. */
export function requestIdOf(batch: string, line: number): string {
  return `batch_req_${batch.slice('batch_'.length)}_${line}`
}

/** The line that an answer's id names; undefined for what is no such id. */
export function lineOfRequestId(id: string): number | undefined {
  const digits = /^batch_req_[0-9a-z]+_(\d{1,9})$/.exec(id)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
