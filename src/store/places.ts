// Where in the cache a model of the Hub is, or would be.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import { systemCode } from '../base/system-errors.ts'
import { type Inspection, inspectFolder } from './inspect.ts'
import { toRepositoryFolder, toRevisionFolder } from './layout.ts'
import { type HubModelName, isCommit } from './model-name.ts'
import { readRef } from './refs.ts'
import { findKnownRevision } from './registry.ts'
import type { ModelStore } from './store.ts'

export interface Place {
  readonly folder: string
  readonly inspection: Inspection
}

/** The folder for files that somebody places by hand, and the one where a commit is published. */
export function folderOf(store: ModelStore, repository: string, revision: string): string {
  return join(store.layout.models, toRepositoryFolder(repository), toRevisionFolder(revision))
}

/** Where `downloadModel` collects the files of a commit. */
export function stagingOf(store: ModelStore, repository: string, commit: string): string {
  return join(store.layout.downloads, toRepositoryFolder(repository), toRevisionFolder(commit))
}

/** One process at a time changes anything about a repository. */
export function lockOf(store: ModelStore, repository: string): string {
  return join(store.layout.locks, `${toRepositoryFolder(repository)}.lock`)
}

/**
 * Where the model is, or what its own folder lacks. A branch or tag is found under the commit that
 * it pointed to when it was fetched.
 */
export async function findPlace(store: ModelStore, name: HubModelName): Promise<Place> {
  const { repository, revision } = name
  const own = folderOf(store, repository, revision)
  const inspection = await inspectFolder(own, { ...name, commit: toCommit(revision) })
  if (inspection.state === 'complete' || isCommit(revision)) return { folder: own, inspection }
  const commit = await readRef(store, repository, revision)
  if (commit !== undefined) {
    const folder = folderOf(store, repository, commit)
    const known = findKnownRevision(repository, commit)
    const fetched = await inspectFolder(folder, { repository, commit, known })
    if (fetched.state === 'complete') return { folder, inspection: fetched }
  }
  return { folder: own, inspection }
}

function toCommit(revision: string): string | undefined {
  return isCommit(revision) ? revision : undefined
}

/** Every place in the cache that holds a model or a part of one. */
export async function listPlaces(store: ModelStore): Promise<readonly Place[]> {
  const places: Place[] = []
  for (const owner of await listFolder(store.layout.models)) {
    // The reverse of toRepositoryFolder, for names that it did not have to replace.
    const repository = owner.replace('--', '/')
    for (const revision of await listFolder(join(store.layout.models, owner))) {
      const folder = join(store.layout.models, owner, revision)
      const known = findKnownRevision(repository, revision)
      const as = { repository, commit: toCommit(revision), known }
      places.push({ folder, inspection: await inspectSafely(folder, as) })
    }
  }
  return places.filter(({ inspection }) => inspection.state !== 'absent')
}

/** A list of models must not fail because one of them is damaged. */
async function inspectSafely(...args: Parameters<typeof inspectFolder>): Promise<Inspection> {
  try {
    return await inspectFolder(...args)
  } catch (error) {
    if (!(error instanceof FlocapError)) throw error
    return { state: 'incomplete', kind: 'model', problems: [error.message.replace(/\.$/, '')] }
  }
}

/** Names in a folder, sorted; none where there is no such folder. */
export async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return []
    throw error
  }
}
