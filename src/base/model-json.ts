// The JSON files of a model, as published or compiled: they come from elsewhere and may be damaged.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from './errors.ts'
import { formatBytes } from './format-bytes.ts'

/** The largest of Florence-2's, tokenizer.json, has 3.6 MB. */
const MAX_BYTES = 64_000_000

/** @throws FlocapError `invalid_model` naming the file when it cannot be read or is no JSON. */
export async function readModelJson(folder: string, file: string): Promise<unknown> {
  const path = join(folder, file)
  const found = await stat(path).catch(() => undefined)
  // Before it is opened: a FIFO would be read for ever.
  if (found && !found.isFile()) throw refuse(file, `${file} of the model folder is no file.`)
  if (found && found.size > MAX_BYTES) {
    const limit = formatBytes(MAX_BYTES)
    throw refuse(file, `${file} has ${formatBytes(found.size)}, the limit is ${limit}.`)
  }
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw refuse(file, `${file} of the model folder is not readable JSON.`, error)
  }
}

function refuse(file: string, message: string, cause?: unknown): FlocapError {
  return new FlocapError('invalid_model', message, { subject: file, cause })
}
