// Batches on the disk. A batch is a folder:
//
//   <root>/<owner>/batches/<id>/batch.json    its state, written beside and renamed
//                              /input.jsonl   a second name of the file it was made from
//                              /output.jsonl  answers so far
//                              /error.jsonl   lines that failed so far
//   <root>/open/<owner>.<id>                  empty; there while the batch has something to do
//
// What a server has to go on with is a listing of `open`: nothing else is read when it starts. A batch that
// has ended is kept as long as its outputs are, and removed with them.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../base/make-folder.ts'
import { replaceFile } from '../base/replace-file.ts'
import { systemCode } from '../base/system-errors.ts'
import { isBatchId, timeOfBatch } from './ids.ts'
import { endOf, secondsNow, StoredBatch } from './objects.ts'
import { namesIn } from './names-in.ts'
import { pageOf, type Page, type PageRequest } from './page.ts'

const OPEN = 'open'
const STATE = 'batch.json'

/** No batch is younger when its outputs expire, and none is made for so long. */
const MIN_AGE_MS = 3600_000

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
  /**
   * Removes batches that ended as long ago as their outputs are kept, of all owners, and those that a killed
   * server had begun to make.
   * @param isOpen whether it has something to do
   */
  removeExpired(isOpen: (id: string) => boolean, signal: AbortSignal): Promise<void>
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

  async function idsOf(owner: string): Promise<string[]> {
    return (await namesIn(folderOf(owner))).filter((name) => isBatchId(name)).toSorted()
  }

  async function save(owner: string, batch: StoredBatch): Promise<void> {
    const text = `${JSON.stringify(batch, undefined, 2)}\n`
    await replaceFile(fileOf(owner, batch.id, STATE), text)
  }

  async function find(owner: string, id: string): Promise<StoredBatch | undefined> {
    if (!isBatchId(id)) return undefined
    try {
      return StoredBatch.parse(JSON.parse(await readFile(fileOf(owner, id, STATE), 'utf8')))
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
      return pageOf(await idsOf(owner), page, async (id) => find(owner, id))
    },
    async close(owner, id) {
      const folder = join(folderOf(owner), id)
      for (const name of await namesIn(folder)) {
        if (name !== STATE) await rm(join(folder, name), { force: true })
      }
      await rm(markOf(owner, id), { force: true })
    },
    async removeExpired(isOpen, signal) {
      const latest = Date.now() - MIN_AGE_MS
      for (const owner of await namesIn(root)) {
        for (const id of await idsOf(owner)) {
          if (signal.aborted) return
          if (isOpen(id) || timeOfBatch(id) > latest) continue
          const batch = await find(owner, id)
          if (batch === undefined || isExpired(batch))
            await rm(join(folderOf(owner), id), { recursive: true, force: true })
        }
      }
    },
  }
}

/** One that never began, since its maker was killed, ends as it was made. */
function isExpired(batch: StoredBatch): boolean {
  return (endOf(batch) ?? batch.created_at) + batch.output_expires_after <= secondsNow()
}

/** The batches that have something to do: the names of one folder. */
export async function listOpen(root: string): Promise<readonly OpenBatch[]> {
  return (await namesIn(join(root, OPEN))).toSorted().flatMap((name) => {
    const [owner = '', id = ''] = name.split('.')
    return isBatchId(id) ? [{ owner, id }] : []
  })
}
