// `.flocap/review.jsonl`: what a person has decided about captions, so that later runs keep to it.
//
// It stands beside the journal and not in it, because a run holds the journal for as long as it works:
// a caption can be locked meanwhile, and counts as locked from the next picture on. Lines are only ever
// added, each flushed, so that a run and several reviews share the file.
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { fileError, readError } from '../../base/file-errors.ts'
import { makeFolder } from '../../base/make-folder.ts'
import { systemCode } from '../../base/system-errors.ts'
import { JOURNAL_FOLDER } from '../journal/open-place.ts'
import { createLockIndex, type Lock, type LockIndex } from './lock-index.ts'

const FILE = 'review.jsonl'

const lock = z.object({
  type: z.literal('lock'),
  /** What the picture was called, within the output folder. */
  name: z.string(),
  /** By which it is known whatever it is called now; the rest spares reading it. */
  sha256: z.string(),
  size: z.number(),
  mtimeMs: z.number(),
  locked: z.boolean(),
  time: z.string(),
}) satisfies z.ZodType<Lock>

const edit = z.object({
  type: z.literal('edit'),
  name: z.string(),
  /** The caption's file, within the output folder. */
  file: z.string(),
  /** What it held and what it holds now, as SHA-256; null for no file. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  time: z.string(),
})

const decision = z.discriminatedUnion('type', [lock, edit])
type Decision = z.infer<typeof decision>

export type NewDecision = ({ readonly type: 'lock' } & Lock) | Omit<z.infer<typeof edit>, 'time'>

export interface Decisions {
  readonly locks: Omit<LockIndex, 'add' | 'clear'>
  /** What a file held before its first edit, as SHA-256, null for none; undefined without an edit. */
  originalOf(file: string): string | null | undefined
  /** Reads what others have added; cheap when there is nothing. @throws FlocapError. */
  refresh(): Promise<void>
  /** On disk when it resolves. @throws FlocapError `disk_full` or `file_not_written`. */
  add(decisions: readonly NewDecision[]): Promise<void>
}

/** @param output the folder of the journal. A folder without decisions has no file, and none is made. */
export async function openDecisions(output: string): Promise<Decisions> {
  const path = join(output, JOURNAL_FOLDER, FILE)
  const locks = createLockIndex()
  const originals = new Map<string, string | null>()
  /** Bytes that have been read. */
  let seen = 0
  let last: Promise<void> = Promise.resolve()
  let reading: Promise<void> = Promise.resolve()

  /** One after the other: two at a time would count the same lines twice. */
  async function refresh(): Promise<void> {
    reading = reading.catch(() => undefined).then(readNew)
    return reading
  }

  function take(entry: Decision): void {
    if (entry.type === 'edit') {
      if (!originals.has(entry.file)) originals.set(entry.file, entry.before)
    } else locks.add(entry)
  }

  async function readNew(): Promise<void> {
    const { size, added } = await readAdded(path, seen)
    if (size === seen) return
    if (size < seen) {
      // Somebody has put another file in its place.
      locks.clear()
      originals.clear()
      seen = 0
      return readNew()
    }
    const end = added.lastIndexOf(0x0a) + 1
    for (const line of added.toString('utf8', 0, end).split('\n')) {
      const entry = parseLine(line)
      if (entry !== undefined) take(entry)
    }
    seen += end
  }

  async function write(decisions: readonly NewDecision[]): Promise<void> {
    const time = new Date().toISOString()
    const lines = decisions.map((each) => `${JSON.stringify({ ...each, time })}\n`).join('')
    try {
      await makeFolder(dirname(path))
      const file = await open(path, 'a+')
      try {
        // The half of a line that a crash or a full disk left must not swallow the next one.
        await file.appendFile((await endsInLine(file)) ? lines : `\n${lines}`)
        await file.datasync()
      } finally {
        await file.close()
      }
    } catch (error) {
      throw fileError(path, error)
    }
    await refresh()
  }

  await refresh()
  return {
    locks,
    originalOf: (file) => originals.get(file),
    refresh,
    async add(decisions) {
      last = last.catch(() => undefined).then(async () => write(decisions))
      return last
    },
  }
}

async function endsInLine(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return true
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === 0x0a
}

/** How long the file is, and what stands in it behind `seen`. */
async function readAdded(path: string, seen: number) {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const added = Buffer.alloc(Math.max(size - seen, 0))
      await file.read(added, 0, added.byteLength, seen)
      return { size, added }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { size: 0, added: Buffer.alloc(0) }
    throw readError(path, error)
  }
}

/** Undefined for a line of a later version, or one that was damaged. */
function parseLine(line: string): Decision | undefined {
  try {
    return decision.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
