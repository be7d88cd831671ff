// What the system says about a file that cannot be read or written, in words that help.
import { FlocapError } from './errors.ts'
import { NotPlainFile } from './plain-files.ts'
import { systemCode, toDiskError } from './system-errors.ts'

/** Why `path` could not be written. A FlocapError comes back as it is. */
export function fileError(path: string, cause: unknown): FlocapError {
  const failure = toDiskError(cause, { what: `Writing ${path}`, path, hint: GOES_ON })
  if (failure instanceof FlocapError) return failure
  const found =
    cause instanceof NotPlainFile ? `: it is ${cause.found}` : because(systemCode(cause))
  return new FlocapError('file_not_written', `${path} could not be written${found}.`, {
    subject: path,
    hint: 'Check what is there and whether you may write, or choose another folder with --out.',
    cause,
  })
}

const GOES_ON = 'The same command goes on where it stopped.'

/** Why `path` could not be read, before or instead of its content. */
export function readError(path: string, cause: unknown): FlocapError {
  if (cause instanceof FlocapError) return cause
  const code = systemCode(cause)
  if (code === 'ENOENT') {
    return new FlocapError('missing_image', 'There is no such file.', {
      subject: path,
      hint: 'Check its name.',
      cause,
    })
  }
  if (cause instanceof NotPlainFile) {
    return new FlocapError('missing_image', `Expected a picture file, got ${cause.found}.`, {
      subject: path,
      hint: 'Name a file; a picture from another program can come through standard input: -',
      cause,
    })
  }
  return new FlocapError('missing_image', `The file cannot be read${because(code)}.`, {
    subject: path,
    hint: 'Check whether you may read it.',
    cause,
  })
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you may not',
  EPERM: 'you may not',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'a folder has this name',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  EIO: 'the disk failed',
}

function because(code: string | undefined): string {
  if (code === undefined) return ''
  return `: ${REASONS[code] ?? code}`
}
