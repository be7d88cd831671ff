// The JSON files of a model, as published or compiled: they come from elsewhere and may be damaged.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from './errors.ts'
import { formatBytes } from './format-bytes.ts'

/** The largest of Florence-2's, tokenizer.json, has 3.6 MB. */
const MAX_BYTES = 64_000_000
const GIT_LFS_START = 'version https://git-lfs'

/**
 * @throws FlocapError `invalid_model` naming the file when it cannot be read, is no JSON, or is the
 *   pointer that Git leaves in its place without LFS.
 */
export async function readModelJson(folder: string, file: string): Promise<unknown> {
  const path = join(folder, file)
  const found = await stat(path).catch(() => undefined)
  // Before it is opened: a FIFO would be read for ever.
  if (found && !found.isFile()) throw refuse(file, `${file} of the model folder is no file.`)
  if (found && found.size > MAX_BYTES) {
    const limit = formatBytes(MAX_BYTES)
    throw refuse(file, `${file} has ${formatBytes(found.size)}, the limit is ${limit}.`)
  }
  let text = ''
  try {
    text = await readFile(path, 'utf8')
    return JSON.parse(text)
  } catch (error) {
    if (text.startsWith(GIT_LFS_START)) {
      throw new FlocapError(
        'invalid_model',
        `${file} is a Git LFS pointer, which stands for the file and is not it.`,
        { subject: file, hint: "Run 'git lfs pull' where you cloned the model." },
      )
    }
    throw refuse(file, `${file} of the model folder is not readable JSON.`, error)
  }
}

function refuse(file: string, message: string, cause?: unknown): FlocapError {
  return new FlocapError('invalid_model', message, { subject: file, cause })
}
