// Which batches may begin: those of a file with lines, few enough at once, and not so that deleted files
// take a room of their own.
import { stat } from 'node:fs/promises'
import { FlocapError } from '../base/errors.ts'
import { formatBytes } from '../base/format-bytes.ts'
import type { BatchStore } from './batch-store.ts'
import type { FileLimits, FileStore } from './file-store.ts'
import type { NewBatch } from './new-batch.ts'
import type { StoredBatch } from './objects.ts'

/** Each holds two open files and looks at its input. */
const MAX_OPEN_OF_OWNER = 64

export interface AdmittingServices {
  readonly files: FileStore
  readonly store: BatchStore
  readonly limits: FileLimits
}

/**
 * @param open the batches of this owner that have not ended.
 * @throws FlocapError not_found, invalid_request, queue_full, storage_full.
 */
export async function assertAdmitted(
  owner: string,
  { inputFileId }: NewBatch,
  open: readonly StoredBatch[],
  services: AdmittingServices,
): Promise<void> {
  await assertInput(services.files, owner, inputFileId)
  if (open.length >= MAX_OPEN_OF_OWNER) throw tooManyOpen()
  await assertRoom(owner, open, services)
}

async function assertInput(files: FileStore, owner: string, id: string): Promise<void> {
  const { purpose } = await files.get(owner, id)
  if (purpose === 'batch') return
  throw new FlocapError(
    'invalid_request',
    `Expected a file of the purpose batch for input_file_id, got one of the purpose ${purpose}.`,
    { subject: 'input_file_id', hint: 'Upload the lines with purpose=batch.' },
  )
}

/**
 * A file that is deleted stays as the input of a batch: all those together may have as much room as the
 * files themselves.
 */
async function assertRoom(
  owner: string,
  open: readonly StoredBatch[],
  { files, store, limits }: AdmittingServices,
): Promise<void> {
  const inputs = new Map(open.map((batch) => [batch.input_file_id, batch.id]))
  let deleted = 0
  for (const [fileId, batchId] of inputs) {
    if (await files.has(owner, fileId)) continue
    deleted += await sizeOf(store.paths(owner, batchId).input)
  }
  if (deleted > 0 && (await files.storedBytes(owner)) + deleted > limits.maxStoredBytes) {
    throw inputsKept(limits)
  }
}

function tooManyOpen(): FlocapError {
  return new FlocapError(
    'queue_full',
    `Expected at most ${MAX_OPEN_OF_OWNER} open batches of one key, and there are as many.`,
    { hint: 'Wait for one to end, or cancel one.' },
  )
}

function inputsKept({ maxStoredBytes }: FileLimits): FlocapError {
  return new FlocapError(
    'storage_full',
    `The files of this key, with deleted ones that its open batches still read, have more than ${formatBytes(maxStoredBytes)}.`,
    { hint: 'Wait for a batch to end, or cancel one.', subject: 'input_file_id' },
  )
}

/** 0 for what a batch that has just ended no longer needs. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
