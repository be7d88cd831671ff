// Looks through an input before its first line runs: all of it is right, or nothing of it is answered.
import { createHash } from 'node:crypto'
import { toFlocapError } from '../base/errors.ts'
import { isMistake, readLineFields } from './line-fields.ts'
import type { LineReader } from './line-reader.ts'
import { readLines, type Line } from './lines.ts'
import type { BatchErrorEntry, Endpoint } from './objects.ts'

export interface InputLimits {
  readonly maxLines: number
  /** Of one line: as of the body of a request. */
  readonly maxLineBytes: number
}

export interface ValidationRequest {
  readonly input: string
  readonly endpoint: Endpoint
  readonly limits: InputLimits
  readonly reader: LineReader
  readonly signal: AbortSignal
}

export interface Validation {
  /** Lines that are not blank. */
  readonly total: number
  /** None where all is right. */
  readonly errors: readonly BatchErrorEntry[]
}

/** Enough to see what is wrong with a file; a last entry says that there are more. */
const MAX_ERRORS = 100

/** Bytes of SHA-256 that stand for a custom_id: two never share them by chance. */
const DIGEST_BYTES = 16

/**
 * Memory grows by some fifty bytes a line, whatever stands in it.
 *
 * @throws what the file system says; the reason of `signal`.
 */
export async function validateInput(request: ValidationRequest): Promise<Validation> {
  const { input, endpoint, limits, reader, signal } = request
  const errors: BatchErrorEntry[] = []
  const seen = new Set<string>()
  let total = 0
  for await (const line of readLines(input, limits.maxLineBytes)) {
    signal.throwIfAborted()
    total += 1
    if (total > limits.maxLines) return { total, errors: [tooManyLines(limits)] }
    const wrong = await check(line)
    if (wrong === undefined) continue
    if (errors.length === MAX_ERRORS) return { total, errors: [...errors, moreErrors()] }
    errors.push({ ...wrong, line: line.number })
  }
  return { total, errors: total === 0 ? [emptyInput()] : errors }

  async function check({
    bytes,
    length,
  }: Line): Promise<Omit<BatchErrorEntry, 'line'> | undefined> {
    if (bytes === undefined) {
      const message = `Expected a line of at most ${limits.maxLineBytes} bytes, got ${length}.`
      return { code: 'line_too_large', message, param: null }
    }
    let fields: unknown
    try {
      ;({ fields } = await reader.read(bytes))
    } catch (error) {
      const { code, message } = toFlocapError(error)
      const words = code === 'invalid_json' ? 'Expected a JSON object on this line.' : message
      return { code: 'invalid_json_line', message: words, param: null }
    }
    const read = readLineFields(fields, endpoint)
    if (isMistake(read)) return read
    const digest = digestOf(read.customId)
    if (seen.has(digest)) {
      const message = `Expected a custom_id that no other line has, got ${JSON.stringify(read.customId)}.`
      return { code: 'duplicate_custom_id', message, param: 'custom_id' }
    }
    seen.add(digest)
    return undefined
  }
}

/** As UTF-16: halves of characters, which UTF-8 cannot write, stay different. */
function digestOf(customId: string): string {
  return createHash('sha256')
    .update(customId, 'utf16le')
    .digest()
    .toString('latin1', 0, DIGEST_BYTES)
}

function tooManyLines({ maxLines }: InputLimits): BatchErrorEntry {
  const message = `Expected at most ${maxLines} lines, got more. Make several batches, or start FloCap with a larger --batch-lines.`
  return { code: 'too_many_lines', message, param: null, line: null }
}

function moreErrors(): BatchErrorEntry {
  const message = `More lines are wrong; the first ${MAX_ERRORS} are listed.`
  return { code: 'too_many_errors', message, param: null, line: null }
}

function emptyInput(): BatchErrorEntry {
  const message = 'Expected at least one line, got an empty file.'
  return { code: 'empty_file', message, param: null, line: null }
}
