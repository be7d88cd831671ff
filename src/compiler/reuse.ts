// Whether a compiled folder still is what compiling again would give.
import type { Logger } from '../base/log.ts'
import { checkContents } from '../compiled/contents.ts'
import { type Manifest, readManifest } from '../compiled/manifest.ts'
import { type CheckpointFolder, hashFile, sourcePath, statSources } from './checkpoint-folder.ts'

/** The manifest of `destination` when it is whole and was made from these very files to the target. */
export async function findReusable(
  folder: CheckpointFolder,
  destination: string,
  target: Pick<Manifest, 'compilerVersion' | 'precision' | 'lowering'>,
  log: Logger,
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
  const problems = await checkContents(destination, manifest.contents)
  if (problems.length === 0) return manifest
  log.warn({ folder: destination, problems }, 'the compiled model is damaged: it is compiled again')
  return null
}
