// The JSON files of a model, as published or compiled: they come from elsewhere and may be damaged.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from './errors.ts'

/** @throws FlocapError `invalid_model` naming the file when it cannot be read or is no JSON. */
export async function readModelJson(folder: string, file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, file), 'utf8'))
  } catch (error) {
    throw new FlocapError('invalid_model', `${file} of the model folder is not readable JSON.`, {
      subject: file,
      cause: error,
    })
  }
}
