// The files of a folder by name, and of the folders in it. A link to a folder is followed the first
// time that its folder is met, so that a folder which contains itself ends.
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readError } from '../../base/file-errors.ts'
import type { FlocapError } from '../../base/errors.ts'
import { isIgnoredName } from './classify.ts'

export type FolderEntry =
  | { readonly kind: 'file'; readonly path: string }
  /** A link to a folder whose files come, or came, under another name. */
  | { readonly kind: 'repeated'; readonly path: string }
  /** A pipe, a device, or a link that leads nowhere. */
  | { readonly kind: 'special'; readonly path: string; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly error: FlocapError }

export interface WalkOptions {
  /** Also the folders inside folders. */
  readonly recursive: boolean
  /** Told of each folder before it is read. */
  readonly onFolder?: (folder: string) => void
}

/** Hidden files and masks are left out. */
export async function* walkFolder(
  folder: string,
  options: WalkOptions,
  visited: Set<string> = new Set(),
): AsyncGenerator<FolderEntry> {
  let entries: readonly Dirent[]
  options.onFolder?.(folder)
  try {
    visited.add(await realpath(folder))
    entries = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    yield { kind: 'unreadable', path: folder, error: readError(folder, error) }
    return
  }
  const shown = entries
    .filter(({ name }) => !isIgnoredName(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of shown) {
    const path = join(folder, entry.name)
    const kind = entry.isSymbolicLink() ? await kindBehindLink(path) : kindOf(entry)
    if (kind === 'file') yield { kind, path }
    if (kind === 'other') yield { kind: 'special', path, reason: describeSpecial(entry) }
    if (kind !== 'folder' || !options.recursive) continue
    if (await isVisited(path, visited)) yield { kind: 'repeated', path }
    else yield* walkFolder(path, options, visited)
  }
}

function describeSpecial(entry: Dirent): string {
  return entry.isSymbolicLink() ? 'a link that leads to no file' : 'a pipe or a device, and no file'
}

type EntryKind = 'file' | 'folder' | 'other'

interface Kinds {
  isFile(): boolean
  isDirectory(): boolean
}

function kindOf(entry: Kinds): EntryKind {
  if (entry.isFile()) return 'file'
  return entry.isDirectory() ? 'folder' : 'other'
}

async function isVisited(folder: string, visited: ReadonlySet<string>): Promise<boolean> {
  try {
    return visited.has(await realpath(folder))
  } catch {
    // Reading it will say what is wrong with it.
    return false
  }
}

async function kindBehindLink(path: string): Promise<EntryKind> {
  try {
    return kindOf(await stat(path))
  } catch {
    // It leads nowhere.
    return 'other'
  }
}
