// `--from list.txt`: a path on each line.
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { readError } from '../../base/file-errors.ts'
import { STANDARD_INPUT } from './find-pictures.ts'

/**
 * The paths of a list, as written; empty lines are passed over. `-` reads the list from standard
 * input, where `find -print0` may divide names by a zero.
 * @throws FlocapError `missing_image` when the list cannot be read.
 */
export async function readPathList(file: string): Promise<readonly string[]> {
  const content = await readList(file)
  const lines = content.includes('\0') ? content.split('\0') : content.split(/\r?\n/)
  return lines.map((line) => line.replace(/^\uFEFF/, '')).filter((line) => line.trim() !== '')
}

async function readList(file: string): Promise<string> {
  try {
    return file === STANDARD_INPUT ? await text(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw readError(file, error)
  }
}
