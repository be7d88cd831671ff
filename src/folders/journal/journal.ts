// `.flocap/journal.jsonl`: what a run has done in a folder, so that the next one goes on exactly there.
//
// A picture's line is written and flushed before its files are: it says what they will hold. Whatever a
// killed run leaves can then be told apart: a file with the new content is done, one with the old content
// is still to be written, any other was edited by somebody and stays. The answers themselves are read
// back from the file when they are needed; in memory is only where they stand.
import { type FileHandle, open } from 'node:fs/promises'
import { fileError, readError } from '../../base/file-errors.ts'
import { systemCode } from '../../base/system-errors.ts'
import type { AnsweredPicture } from '../ask/answer-questions.ts'
import {
  type FileEntry,
  type JournalEntry,
  journalEntry,
  type PictureEntry,
  type RunEntry,
} from './entry.ts'

/** A picture's newest line, its answers left in the file. */
export interface KnownPicture extends Omit<PictureEntry, 'answered'> {
  readonly offset: number
  readonly bytes: number
  /** Whether its captions have been put into the picture itself, whose stamp this is then. */
  readonly isEmbedded: boolean
}

export interface Journal {
  /** The newest line about a picture of this name. */
  find(name: string): KnownPicture | undefined
  /** The newest line about a picture with these bytes, whatever it is called, captions in it or not. */
  findByDigest(sha256: string): KnownPicture | undefined
  /** Whether any picture of so many bytes is known: others need not be hashed to be recognised. */
  knowsSize(size: number): boolean
  /** The newest line about a file of this name that was written as a whole. */
  findFile(file: string): FileEntry | undefined
  /** A run that was stopped before its end. */
  readonly unfinished: RunEntry | undefined
  readAnswers(known: KnownPicture): Promise<AnsweredPicture | undefined>
  /** On disk when it resolves. @throws FlocapError `disk_full` or `file_not_written`. */
  append(entry: JournalEntry): Promise<void>
  close(): Promise<void>
}

/** Knows nothing and keeps nothing. */
export const NO_JOURNAL: Journal = {
  find: () => undefined,
  findByDigest: () => undefined,
  knowsSize: () => false,
  findFile: () => undefined,
  unfinished: undefined,
  readAnswers: async () => undefined,
  append: async () => undefined,
  close: async () => undefined,
}

/** @throws FlocapError `disk_full` or `file_not_written` when it cannot be opened for writing. */
export async function openJournal(path: string): Promise<Journal> {
  try {
    const file = await open(path, 'a+')
    const index = createIndex()
    const end = await readLines(file, (entry, offset, bytes) => index.add(entry, offset, bytes))
    // The half of a line that a killed process or a full disk left.
    await file.truncate(end)
    return createJournal(path, file, end, index)
  } catch (error) {
    throw fileError(path, error)
  }
}

function createJournal(path: string, file: FileHandle, end: number, index: Index): Journal {
  let offset = end
  let last: Promise<void> = Promise.resolve()

  async function write(entry: JournalEntry): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`)
    try {
      await file.appendFile(line)
      await file.datasync()
    } catch (error) {
      await file.truncate(offset).catch(() => undefined)
      throw fileError(path, error)
    }
    index.add(entry, offset, line.byteLength)
    offset += line.byteLength
  }

  return {
    find: (name) => index.byName.get(name),
    findByDigest: (sha256) => index.byDigest.get(sha256),
    knowsSize: (size) => index.sizes.has(size),
    findFile: (name) => index.files.get(name),
    get unfinished() {
      return index.unfinished()
    },
    async readAnswers(known) {
      const buffer = Buffer.alloc(known.bytes)
      await file.read(buffer, 0, known.bytes, known.offset)
      const entry = parseLine(buffer.toString('utf8'))
      return entry?.type === 'picture' ? entry.answered : undefined
    },
    async append(entry) {
      last = last.catch(() => undefined).then(async () => write(entry))
      return last
    },
    async close() {
      await last.catch(() => undefined)
      await file.close()
    },
  }
}

interface Index {
  readonly byName: ReadonlyMap<string, KnownPicture>
  readonly byDigest: ReadonlyMap<string, KnownPicture>
  readonly sizes: ReadonlySet<number>
  readonly files: ReadonlyMap<string, FileEntry>
  unfinished(): RunEntry | undefined
  add(entry: JournalEntry, offset: number, bytes: number): void
}

function createIndex(): Index {
  const byName = new Map<string, KnownPicture>()
  const byDigest = new Map<string, KnownPicture>()
  const sizes = new Set<number>()
  const files = new Map<string, FileEntry>()
  let run: RunEntry | undefined
  return {
    byName,
    byDigest,
    sizes,
    files,
    unfinished: () => run,
    add(entry, offset, bytes) {
      if (entry.type === 'run') run = entry
      if (entry.type === 'file') files.set(entry.file, entry)
      if (entry.type === 'end' && entry.run === run?.run) run = undefined
      const before = byName.get(entry.type === 'embedded' ? entry.name : '')
      if (entry.type === 'embedded' && before !== undefined) {
        const { size, mtimeMs } = entry
        byName.set(entry.name, { ...before, size, mtimeMs, isEmbedded: true })
      }
      if (entry.type !== 'picture') return
      const { answered: _, ...rest } = entry
      const known = { ...rest, offset, bytes, isEmbedded: false }
      byName.set(entry.name, known)
      byDigest.set(entry.sha256, known)
      sizes.add(entry.size)
      for (const { sha256, size } of Object.values(entry.files)) {
        if (size === undefined) continue
        byDigest.set(sha256, known)
        sizes.add(size)
      }
    },
  }
}

/**
 * Reads a journal that another process may be writing. A folder without one has no lines.
 * @throws FlocapError when it cannot be read.
 */
export async function readJournal(
  path: string,
  onEntry: (entry: JournalEntry) => void,
): Promise<void> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw readError(path, error)
  }
  try {
    await readLines(file, onEntry)
  } finally {
    await file.close()
  }
}

type OnLine = (entry: JournalEntry, offset: number, bytes: number) => void

/** @returns where the last whole line ends. */
async function readLines(file: FileHandle, onLine: OnLine): Promise<number> {
  let start = 0
  let rest = Buffer.alloc(0)
  const stream = file.createReadStream({ start: 0, autoClose: false })
  for await (const chunk of stream) {
    let buffer: Buffer = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = buffer.indexOf(0x0a); end !== -1; end = buffer.indexOf(0x0a)) {
      const entry = parseLine(buffer.toString('utf8', 0, end))
      if (entry !== undefined) onLine(entry, start, end + 1)
      start += end + 1
      buffer = buffer.subarray(end + 1)
    }
    rest = Buffer.from(buffer)
  }
  return start
}

/** Undefined for a line of a later version, or one that was damaged: its picture is captioned again. */
function parseLine(line: string): JournalEntry | undefined {
  try {
    return journalEntry.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
