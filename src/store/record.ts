// flocap-model.json: where the files of a model's folder came from, and what they were.
//
// It is written last, so a folder that has one was complete. Folders filled by hand have none until
// they are verified.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { renamePatiently } from '../base/durable-files.ts'
import { systemCode } from '../base/system-errors.ts'
import { storeError } from './failures.ts'

export const RECORD_FILE = 'flocap-model.json'

/** Changes when a reader of older records would misread newer ones. */
const FORMAT = 1
/** A record lists some dozen files. */
const MAX_BYTES = 1024 * 1024

const recordSchema = z.object({
  format: z.literal(FORMAT),
  /** `owner/name`; null for a folder that was filled by hand and is no known model. */
  repository: z.string().nullable(),
  /** The commit; null where nobody knows it. */
  commit: z.string().nullable(),
  /** Address of the Hub or mirror; null when placed by hand. */
  endpoint: z.string().nullable(),
  /** ISO 8601. */
  installedAt: z.string(),
  /** When all hashes were last compared. */
  verifiedAt: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      size: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[\da-f]{64}$/),
    }),
  ),
})

export type InstallRecord = z.infer<typeof recordSchema>
export type RecordedFile = InstallRecord['files'][number]

export function createRecord(fields: Omit<InstallRecord, 'format'>): InstallRecord {
  return { format: FORMAT, ...fields }
}

/**
 * Undefined when the folder has none.
 *
 * @throws FlocapError `invalid_model` when it is damaged or of another version.
 */
export async function readRecord(folder: string): Promise<InstallRecord | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, RECORD_FILE), 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined
    throw error
  }
  try {
    if (text.length > MAX_BYTES) throw new RangeError('too long')
    return recordSchema.parse(JSON.parse(text))
  } catch (error) {
    throw storeError('damaged', `${RECORD_FILE} of a model is damaged or of another version.`, {
      subject: RECORD_FILE,
      hint: `Remove ${RECORD_FILE} from ${folder}, and have the model verified or pulled again.`,
      cause: error,
    })
  }
}

/** Replaces it as a whole: a reader sees the old or the new one. */
export async function writeRecord(folder: string, record: InstallRecord): Promise<void> {
  const path = join(folder, RECORD_FILE)
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, `${JSON.stringify(record, undefined, 2)}\n`, { flush: true })
  await renamePatiently(temporary, path)
}
