// The safetensors file format: an 8-byte length, a JSON header, then the tensors' bytes.
//
// A checkpoint comes from the internet, so the header is hostile until proven otherwise: sizes are
// bounded before anything is allocated, and every range must lie inside the file, fit its shape, and
// overlap no other. Format: https://github.com/huggingface/safetensors#format
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import {
  BYTES_PER_ELEMENT,
  type TensorDtype,
  type TensorFile,
  type TensorInfo,
} from './tensor-file.ts'

/** Florence-2-large's header is about 100 KB; the format's own reference reader stops at 100 MB. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024
/** Florence-2-large has 921 tensors. */
export const MAX_TENSORS = 20_000
/** No tensor of the model has more than four. */
const MAX_DIMENSIONS = 8

const LENGTH_BYTES = 8
/** The first of 'version https://git-lfs...'; as a length it would be exabytes. */
const GIT_LFS_START = 'version '

function isDtype(value: unknown): boolean {
  return typeof value === 'string' && Object.hasOwn(BYTES_PER_ELEMENT, value)
}

const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const entrySchema = z.object({
  dtype: z.custom<TensorDtype>(isDtype, 'not a type of safetensors that is known'),
  shape: z.array(size).max(MAX_DIMENSIONS),
  data_offsets: z.tuple([size, size]),
})
const headerSchema = z.record(z.string(), z.unknown())

interface TensorEntry extends TensorInfo {
  /** Byte range in the file. */
  readonly begin: number
  readonly end: number
}

/**
 * Opens a safetensors file and checks its header.
 *
 * @throws FlocapError `invalid_model` naming the file and, where it applies, the tensor.
 */
export function openSafetensors(path: string): TensorFile {
  const file = openSync(path, 'r')
  try {
    const tensors = readHeader(file, basename(path))
    return {
      tensors,
      read(name) {
        const entry = tensors.get(name)
        if (!entry)
          throw new FlocapError('invalid_model', `${basename(path)} has no tensor ${name}.`)
        return readExactly(file, entry.begin, entry.end - entry.begin)
      },
      close: () => closeSync(file),
    }
  } catch (error) {
    closeSync(file)
    throw error
  }
}

function readHeader(file: number, fileName: string): ReadonlyMap<string, TensorEntry> {
  const refuse = (problem: string, cause?: unknown): FlocapError =>
    new FlocapError('invalid_model', `${fileName} is not a usable safetensors file: ${problem}.`, {
      subject: fileName,
      hint: 'The file may be damaged or half downloaded: fetch it again.',
      cause,
    })

  const { size: fileBytes } = fstatSync(file)
  if (fileBytes < LENGTH_BYTES) throw refuse(`it has ${fileBytes} bytes, a header needs 8`)
  const start = readExactly(file, 0, LENGTH_BYTES)
  if (start.toString('latin1') === GIT_LFS_START) {
    throw new FlocapError(
      'invalid_model',
      `${fileName} is a Git LFS pointer, which stands for the weights and is not them.`,
      { subject: fileName, hint: "Run 'git lfs pull' where you cloned the model." },
    )
  }
  const declared = start.readBigUInt64LE(0)
  if (declared > BigInt(MAX_HEADER_BYTES)) {
    throw refuse(`its header claims ${declared} bytes, the limit is ${MAX_HEADER_BYTES}`)
  }
  const headerBytes = Number(declared)
  const dataBegin = LENGTH_BYTES + headerBytes
  if (dataBegin > fileBytes) {
    throw refuse(`its header claims ${headerBytes} bytes, the file has ${fileBytes}`)
  }

  const text = readExactly(file, LENGTH_BYTES, headerBytes).toString('utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw refuse('its header is not JSON', error)
  }
  const header = headerSchema.safeParse(json)
  if (!header.success) throw refuse('its header is not a JSON object')
  const names = Object.keys(header.data).filter((name) => name !== '__metadata__')
  if (names.length > MAX_TENSORS) {
    throw refuse(`it lists ${names.length} tensors, the limit is ${MAX_TENSORS}`)
  }

  const tensors = new Map<string, TensorEntry>()
  for (const name of names) {
    const entry = entrySchema.safeParse(header.data[name])
    if (!entry.success) {
      throw refuse(`tensor ${name} has an entry of the wrong form (${firstIssue(entry.error)})`)
    }
    const { dtype, shape, data_offsets: offsets } = entry.data
    const [begin, end] = [dataBegin + offsets[0], dataBegin + offsets[1]]
    const expected = shape.reduce((product, dim) => product * dim, BYTES_PER_ELEMENT[dtype])
    if (end < begin || end > fileBytes) {
      throw refuse(
        `tensor ${name} lies outside the file (bytes ${begin} to ${end} of ${fileBytes})`,
      )
    }
    if (end - begin !== expected) {
      throw refuse(
        `tensor ${name} has ${end - begin} bytes, ${dtype} [${shape.join(', ')}] needs ${expected}`,
      )
    }
    tensors.set(name, { name, dtype, shape, begin, end })
  }

  const inOrder = [...tensors.values()].toSorted((a, b) => a.begin - b.begin || a.end - b.end)
  for (const [i, next] of inOrder.entries()) {
    const previous = inOrder[i - 1]
    if (previous && next.begin < previous.end) {
      throw refuse(`tensors ${previous.name} and ${next.name} overlap`)
    }
  }
  return tensors
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue ? `${issue.path.join('.') || 'entry'}: ${issue.message}` : 'unknown'
}

function readExactly(file: number, position: number, length: number): Buffer {
  // allocUnsafeSlow: memory of its own, so that typed views of any alignment can be made over it.
  const buffer = Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const bytesRead = readSync(file, buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) {
      throw new FlocapError('invalid_model', `A weights file ended ${length - filled} bytes early.`)
    }
    filled += bytesRead
  }
  return buffer
}
