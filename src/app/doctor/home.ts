// The cache folder: can it be written, and is there room for a model?
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toFlocapError } from '../../base/errors.ts'
import { formatBytes } from '../../base/format-bytes.ts'
import type { ModelStore } from '../../store/store.ts'
import { toHomeError } from '../open-store.ts'
import type { Finding } from './finding.ts'

/**
 * The large model: 1.6 GB of files and, while it is compiled, 3.3 GB of float32 weights. Measured with
 * base (0.46 and 0.96 GB, of which 0.3 stay), times the 3.4 that large has of everything.
 */
const COMFORTABLE_DISK_BYTES = 5_000_000_000

export async function inspectHome({ layout, fileSystem }: ModelStore): Promise<Finding> {
  const name = 'cache folder'
  const probe = join(layout.root, `.doctor-${process.pid}`)
  try {
    await mkdir(layout.root, { recursive: true })
    await writeFile(probe, 'can this be written?')
    await rm(probe)
  } catch (error) {
    const { message, hint } = toFlocapError(toHomeError(error, layout.root))
    return { name, status: 'problem', detail: message, cure: hint ?? 'Choose another with --home.' }
  }
  const free = await fileSystem.freeBytes(layout.root)
  if (free === undefined) return { name, status: 'ok', detail: layout.root }
  const detail = `${layout.root}, ${formatBytes(free)} free`
  if (free >= COMFORTABLE_DISK_BYTES) return { name, status: 'ok', detail }
  return {
    name,
    status: 'warning',
    detail: `${detail}: may be too little for another model`,
    cure: "Free some space, or give another folder with --home; 'flocap models' shows what is used.",
  }
}
