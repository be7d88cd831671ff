// The lines of a batch before it is sent: in a file of the system's temporary folder, since they hold pictures.
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileError } from '../../base/file-errors.ts'

/** Of one batch. */
export interface PartLimits {
  readonly bytes: number
  readonly lines: number
}

export interface Spool {
  readonly path: string
  /** Of its lines. */
  readonly ids: ReadonlySet<string>
  readonly isFull: boolean
  /** @returns false where it has no room for the line. */
  add(id: string, body: string): boolean
  /** Resolves when every line is in the file. @throws FlocapError disk_full */
  flush(): Promise<void>
  remove(): Promise<void>
}

const FILE = 'lines.jsonl'

export async function createSpool(limits: PartLimits): Promise<Spool> {
  const folder = await mkdtemp(join(tmpdir(), 'flocap-'))
  const path = join(folder, FILE)
  const ids = new Set<string>()
  let bytes = 0
  let written: Promise<void> = Promise.resolve()

  async function write(line: Uint8Array): Promise<void> {
    let file: FileHandle | undefined
    try {
      file = await open(path, 'a')
      await file.appendFile(line)
    } catch (error) {
      throw fileError(path, error)
    } finally {
      await file?.close()
    }
  }

  return {
    path,
    ids,
    get isFull() {
      return ids.size >= limits.lines || bytes >= limits.bytes
    },
    add(id, body) {
      const line = renderLine(id, body)
      if (ids.size >= limits.lines || bytes + line.byteLength > limits.bytes) return false
      ids.add(id)
      bytes += line.byteLength
      // One after the other: several requests about one picture come at once.
      written = written.then(async () => write(line))
      written.catch(() => undefined)
      return true
    },
    flush: async () => written,
    remove: async () => rm(folder, { recursive: true, force: true }),
  }
}

/** @param body JSON */
export function renderLine(id: string, body: string): Uint8Array {
  const head = JSON.stringify({ custom_id: id, method: 'POST', url: '/api/v1/caption' })
  return Buffer.from(`${head.slice(0, -1)},"body":${body}}\n`)
}
