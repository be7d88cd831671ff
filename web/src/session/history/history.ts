// The visit as this browser keeps it: pictures and answers in IndexedDB, nowhere else.
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Picture } from '../session.ts'
import { MAX_HISTORY_BYTES, overBudget } from './budget.ts'
import { fromRecord, HistoryRecord, toRecord } from './record.ts'

const DATABASE = 'flocap-history'
const VERSION = 1

/** Files and records apart: an edited caption does not write its picture again. */
interface Schema extends DBSchema {
  files: { key: number; value: Blob }
  records: { key: number; value: { readonly record: unknown; readonly bytes: number } }
}

export interface History {
  /** The oldest first. */
  load(): Promise<readonly Picture[]>
  /** @returns ids of pictures that had to go for it, perhaps its own. */
  keep(picture: Picture): Promise<readonly number[]>
  forget(id: number): Promise<void>
  clear(): Promise<void>
}

/** @throws DOMException where the browser keeps nothing, as some private windows do. */
export async function openHistory(mostBytes = MAX_HISTORY_BYTES): Promise<History> {
  const database = await openDB<Schema>(DATABASE, VERSION, {
    upgrade(created) {
      created.createObjectStore('files')
      created.createObjectStore('records')
    },
    // A newer page in another tab needs it: this one goes on without.
    blocking: () => database.close(),
  })
  return {
    load: async () => load(database),
    async keep(picture) {
      try {
        await write(database, picture)
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') throw error
        // The browser gives less than the budget: the oldest make room, as for the budget.
        return makeRoom(database, picture)
      }
      return dropOver(database, mostBytes)
    },
    forget: async (id) => forget(database, [id]),
    async clear() {
      const change = database.transaction(['files', 'records'], 'readwrite')
      await Promise.all([
        change.objectStore('files').clear(),
        change.objectStore('records').clear(),
        change.done,
      ])
    },
  }
}

async function load(database: IDBPDatabase<Schema>): Promise<readonly Picture[]> {
  const pictures: Picture[] = []
  for (const id of await database.getAllKeys('records')) {
    const [kept, file] = await Promise.all([database.get('records', id), database.get('files', id)])
    const { data } = HistoryRecord.safeParse(kept?.record)
    if (data !== undefined && file !== undefined) {
      pictures.push(fromRecord(data, file, URL.createObjectURL(file)))
    } else {
      // Of another version, or half of a pair: it can be shown by nothing.
      await forget(database, [id])
    }
  }
  return pictures
}

async function write(database: IDBPDatabase<Schema>, picture: Picture): Promise<void> {
  const record = toRecord(picture)
  const bytes = picture.file.size + JSON.stringify(record).length
  const change = database.transaction(['files', 'records'], 'readwrite')
  const files = change.objectStore('files')
  if ((await files.getKey(picture.id)) === undefined) await files.put(picture.file, picture.id)
  await change.objectStore('records').put({ record, bytes }, picture.id)
  await change.done
}

async function forget(database: IDBPDatabase<Schema>, ids: readonly number[]): Promise<void> {
  const change = database.transaction(['files', 'records'], 'readwrite')
  await Promise.all([
    ...ids.flatMap((id) => [
      change.objectStore('files').delete(id),
      change.objectStore('records').delete(id),
    ]),
    change.done,
  ])
}

async function dropOver(
  database: IDBPDatabase<Schema>,
  mostBytes: number,
): Promise<readonly number[]> {
  const [ids, kept] = await Promise.all([
    database.getAllKeys('records'),
    database.getAll('records'),
  ])
  const sizes = ids.map((id, index) => ({ id, bytes: kept[index]?.bytes ?? 0 }))
  const over = overBudget(sizes, mostBytes)
  if (over.length > 0) await forget(database, over)
  return over
}

/** Half of what is there goes at a time, until the picture fits or nothing is left. */
async function makeRoom(
  database: IDBPDatabase<Schema>,
  picture: Picture,
): Promise<readonly number[]> {
  const dropped: number[] = []
  for (;;) {
    const ids = (await database.getAllKeys('records')).filter((id) => id !== picture.id)
    const oldest = ids.slice(0, Math.ceil(ids.length / 2))
    if (oldest.length === 0) return [...dropped, picture.id]
    await forget(database, oldest)
    dropped.push(...oldest)
    try {
      await write(database, picture)
      return dropped
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') throw error
    }
  }
}
