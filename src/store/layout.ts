// Where everything lies in FloCap's cache folder.
//
//   models/<owner>--<name>/<revision>/     a model's files, complete, and flocap-model.json
//   downloads/<owner>--<name>/<commit>/    the same while it is being fetched
//   compiled/<model>/<variant>/            what the compiler made of a model
//   locks/                                 one file for each thing that one process does at a time
//
// Every name is valid on Windows too: a cache may lie on a disk that several systems share.
import { createHash } from 'node:crypto'
import type { posix } from 'node:path'
import { storeError } from './failures.ts'

export interface StoreLayout {
  readonly root: string
  readonly models: string
  readonly downloads: string
  readonly compiled: string
  readonly locks: string
}

/** Letters of a hash that keep two long or odd names apart. */
const HASH_LENGTH = 12
/** Half of what Windows allows for a whole path, less what else is in the path. */
const MAX_NAME_LENGTH = 80
/** Device names, which Windows does not allow as names of files, with any extension. */
const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.|$)/i

export function createLayout(root: string, path: Pick<typeof posix, 'join'>): StoreLayout {
  return {
    root,
    models: path.join(root, 'models'),
    downloads: path.join(root, 'downloads'),
    compiled: path.join(root, 'compiled'),
    locks: path.join(root, 'locks'),
  }
}

/** `owner--name`: one folder for a repository. The Hub allows no two dashes in a name. */
export function toRepositoryFolder(repository: string): string {
  return toSafeName(repository.replaceAll('/', '--'))
}

/** A commit as it is; a branch such as `refs/pr/6` without its slashes. */
export function toRevisionFolder(revision: string): string {
  return toSafeName(revision.replaceAll('/', '--'))
}

/** The form of a name that stands for another text: no text may have it by itself. */
const REPLACED = /^_[\w-]*-[\da-f]{12}$/

/**
 * The text itself where it is a valid name of a file on every system, or else what is left of it
 * and a hash of the whole, so that different texts never become the same name.
 */
export function toSafeName(text: string): string {
  const isSafe =
    /^[a-z\d_][\w.-]*[\w-]$|^[a-z\d_]$/i.test(text) &&
    text.length <= MAX_NAME_LENGTH &&
    !RESERVED_ON_WINDOWS.test(text) &&
    !REPLACED.test(text)
  if (isSafe) return text
  const rest = text.replaceAll(/[^\w-]+/g, '-').slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 2)
  return `${rest === '' ? '_' : `_${rest}`}-${hashText(text)}`
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)
}

/**
 * A file of a repository as the name of a file in the model's folder. Everything a model needs lies
 * at the top of its repository, so anything else is refused rather than mapped.
 *
 * @throws FlocapError `invalid_model`
 */
export function toModelFileName(path: string): string {
  if (toSafeName(path) === path) return path
  throw storeError(
    'damaged',
    `The model has a file ${JSON.stringify(path)}, which is no file name.`,
    {
      subject: path,
    },
  )
}
