// Whether a compiled folder still is what compiling again would give.
import type { Logger } from '../base/log.ts'
import { checkContents } from '../compiled/contents.ts'
import { type Manifest, readManifest } from '../compiled/manifest.ts'
import {
  type CheckpointFolder,
  findCheckpoint,
  hashFile,
  sourcePath,
  statSources,
} from './checkpoint-folder.ts'

type Target = Pick<Manifest, 'compilerVersion' | 'precision' | 'lowering'>

/** Raise it with every change that alters a compiled file: older folders are then compiled again. */
export const COMPILER_VERSION = 10

/** The manifest of `destination` when it is whole and was made from these very files to the target. */
export async function findReusable(
  folder: CheckpointFolder,
  destination: string,
  target: Target,
  log: Logger,
): Promise<Manifest | null> {
  const manifest = await findCurrent(folder, destination, target)
  if (manifest === null) return null
  const problems = await checkContents(destination, manifest.contents)
  if (problems.length === 0) return manifest
  log.warn({ folder: destination, problems }, 'the compiled model is damaged: it is compiled again')
  return null
}

export interface FingerprintOptions extends Omit<Target, 'compilerVersion'> {
  /** Folder of the adapter that is in it. */
  readonly adapter?: string
}

/**
 * The fingerprint that the compiled form of a checkpoint has, as its files are now; undefined where it has
 * to be compiled first.
 * @throws FlocapError `model_not_found` or `invalid_model` as `findCheckpoint`.
 */
export async function findFingerprint(
  source: string,
  destination: string,
  { adapter, ...target }: FingerprintOptions,
): Promise<string | undefined> {
  const folder = await findCheckpoint(source, adapter)
  const current = { ...target, compilerVersion: COMPILER_VERSION }
  return (await findCurrent(folder, destination, current))?.fingerprint
}

/** The manifest, when it was made from these very files to the target; what it lists is not read. */
async function findCurrent(
  folder: CheckpointFolder,
  destination: string,
  target: Target,
): Promise<Manifest | null> {
  let manifest: Manifest
  try {
    manifest = await readManifest(destination)
  } catch {
    return null
  }
  if (
    manifest.compilerVersion !== target.compilerVersion ||
    manifest.precision !== target.precision ||
    manifest.lowering !== target.lowering
  ) {
    return null
  }
  const now = await statSources(folder)
  if (now.length !== manifest.source.length) return null
  for (const [i, file] of now.entries()) {
    const then = manifest.source[i]!
    if (file.name !== then.name || file.bytes !== then.bytes) return null
    // A file that was copied or touched has a new time; only then is it worth reading.
    const same =
      file.modified === then.modified ||
      (await hashFile(sourcePath(folder, file.name))) === then.sha256
    if (!same) return null
  }
  return manifest
}
