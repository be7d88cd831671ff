// Which commit each branch or tag of a repository pointed to when it was last fetched: refs.json in
// the repository's folder. With it, a model that was asked for by branch is found without a network.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { renamePatiently } from '../base/durable-files.ts'
import { toRepositoryFolder } from './layout.ts'
import type { ModelStore } from './store.ts'

const refsSchema = z.record(z.string(), z.string().regex(/^[\da-f]{40}$/))

export async function readRef(
  store: ModelStore,
  repository: string,
  revision: string,
): Promise<string | undefined> {
  return (await readRefs(fileOf(store, repository))).get(revision)
}

/** Only while the repository's lock is held. */
export async function writeRef(
  store: ModelStore,
  repository: string,
  revision: string,
  commit: string,
): Promise<void> {
  const file = fileOf(store, repository)
  const refs = await readRefs(file)
  if (refs.get(revision) === commit) return
  refs.set(revision, commit)
  const temporary = `${file}.${process.pid}.tmp`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(temporary, `${JSON.stringify(Object.fromEntries(refs), undefined, 2)}\n`)
  await renamePatiently(temporary, file)
}

function fileOf(store: ModelStore, repository: string): string {
  return join(store.layout.models, toRepositoryFolder(repository), 'refs.json')
}

/** A file that is absent or damaged says nothing: then the Hub is asked again. */
async function readRefs(file: string): Promise<Map<string, string>> {
  try {
    const refs = refsSchema.safeParse(JSON.parse(await readFile(file, 'utf8')))
    return new Map(refs.success ? Object.entries(refs.data) : [])
  } catch {
    return new Map()
  }
}
