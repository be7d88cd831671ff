// Batches on the disk. A batch is a folder:
//
//   <root>/<owner>/batches/<id>/batch.json    its state, written beside and renamed
//                              /input.jsonl   a second name of the file it was made from
//                              /output.jsonl  answers so far
//                              /error.jsonl   lines that failed so far
//   <root>/open/<owner>.<id>                  empty; there while the batch has something to do
//
// What a server has to go on with is a listing of `open`: nothing else is read when it starts.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../base/make-folder.ts'
import { replaceFile } from '../base/replace-file.ts'
import { systemCode } from '../base/system-errors.ts'
import { isBatchId } from './ids.ts'
import { StoredBatch } from './objects.ts'
import { namesIn } from './names-in.ts'
import { pageOf, type Page, type PageRequest } from './page.ts'

const OPEN = 'open'

export interface BatchPaths {
  readonly input: string
  readonly output: string
  readonly error: string
}

export interface OpenBatch {
  readonly owner: string
  readonly id: string
}

export interface BatchStore {
  paths(owner: string, id: string): BatchPaths
  /** Its folder, with what `fill` puts there, its state and the mark that it is open, in this order. */
  create(
    owner: string,
    batch: StoredBatch,
    fill: (paths: BatchPaths) => Promise<void>,
  ): Promise<void>
  save(owner: string, batch: StoredBatch): Promise<void>
  /** Undefined where there is none. */
  find(owner: string, id: string): Promise<StoredBatch | undefined>
  list(owner: string, page: PageRequest): Promise<Page<StoredBatch>>
  /** Removes what was needed to run it, and the mark. */
  close(owner: string, id: string): Promise<void>
}

export function createBatchStore(root: string): BatchStore {
  const folderOf = (owner: string): string => join(root, owner, 'batches')
  const fileOf = (owner: string, id: string, name: string): string =>
    join(folderOf(owner), id, name)
  const markOf = (owner: string, id: string): string => join(root, OPEN, `${owner}.${id}`)
  const paths = (owner: string, id: string): BatchPaths => ({
    input: fileOf(owner, id, 'input.jsonl'),
    output: fileOf(owner, id, 'output.jsonl'),
    error: fileOf(owner, id, 'error.jsonl'),
  })

  async function save(owner: string, batch: StoredBatch): Promise<void> {
    const text = `${JSON.stringify(batch, undefined, 2)}\n`
    await replaceFile(fileOf(owner, batch.id, 'batch.json'), text)
  }

  async function find(owner: string, id: string): Promise<StoredBatch | undefined> {
    if (!isBatchId(id)) return undefined
    try {
      return StoredBatch.parse(JSON.parse(await readFile(fileOf(owner, id, 'batch.json'), 'utf8')))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  return {
    paths,
    save,
    find,
    async create(owner, batch, fill) {
      const folder = join(folderOf(owner), batch.id)
      try {
        await makeFolder(folderOf(owner))
        await mkdir(folder)
        await fill(paths(owner, batch.id))
        await save(owner, batch)
        await makeFolder(join(root, OPEN))
        await writeFile(markOf(owner, batch.id), '')
      } catch (error) {
        await rm(folder, { recursive: true, force: true }).catch(() => undefined)
        throw error
      }
    },
    async list(owner, page) {
      const names = await namesIn(folderOf(owner))
      const ids = names.filter((name) => isBatchId(name)).toSorted()
      return pageOf(ids, page, async (id) => find(owner, id))
    },
    async close(owner, id) {
      const { input, output, error } = paths(owner, id)
      for (const path of [input, output, error]) await rm(path, { force: true })
      await rm(markOf(owner, id), { force: true })
    },
  }
}

/** The batches that have something to do: the names of one folder. */
export async function listOpen(root: string): Promise<readonly OpenBatch[]> {
  return (await namesIn(join(root, OPEN))).toSorted().flatMap((name) => {
    const [owner = '', id = ''] = name.split('.')
    return isBatchId(id) ? [{ owner, id }] : []
  })
}
