// Archives as inputs: those that are named or fit a pattern, and those that a folder holds instead of
// pictures. Beside pictures an archive is more often a copy of them than a part of the set.
import { stat } from 'node:fs/promises'
import { dirname, extname, relative, resolve, sep } from 'node:path'
import { toFlocapError } from '../../base/errors.ts'
import { readError } from '../../base/file-errors.ts'
import { assertPlain } from '../../base/plain-files.ts'
import { type Archive, CAPTIONS_ENDING, findMembers, placeOfArchive } from './archive.ts'
import { type Findings, type FindOptions, hasEnough } from './findings.ts'
import { createExclusion } from './globs.ts'
import { openTar } from './tar.ts'
import { openZip } from './zip.ts'

const OPENERS: ReadonlyMap<string, (path: string) => Promise<Archive>> = new Map([
  ['.zip', openZip],
  ['.tar', openTar],
])

/** What img2dataset writes beside each shard: a folder of those is read whatever else lies there. */
const SHARD_STATISTICS = '_stats.json'

export function isArchiveName(path: string): boolean {
  return OPENERS.has(extname(path).toLowerCase())
}

/**
 * The pictures of an archive that is meant itself.
 * @param folder what its name is told within: the folder or pattern that it was found by.
 * @throws FlocapError when it cannot be read.
 */
export async function findInArchive(
  path: string,
  options: FindOptions,
  found: Findings,
  folder: string = dirname(path),
): Promise<void> {
  await assertFile(path)
  const key = resolve(path)
  if (found.archives.has(key) || hasEnough(found, options)) return
  const place = placeOfArchive(path, options.out, folder)
  const archive = await (OPENERS.get(extname(path).toLowerCase()) ?? openTar)(path)
  found.archives.set(key, archive)
  const { pictures, leftOut } = await findMembers(path, archive, place, options.recognise)
  for (const picture of pictures) found.pictures.push(picture)
  for (const file of leftOut) found.leftOut.push(file)
}

/** Those that fit a pattern: it means every file that it matches, as it does in a shell. */
export async function findInMatches(
  paths: readonly string[],
  base: string,
  options: FindOptions,
  found: Findings,
): Promise<void> {
  for (const path of wantedOf(paths, base, options, found)) {
    await findOrFail(path, options, found, base)
  }
}

/** Those that lie in a folder, and in the folders in it, which have been looked through for pictures. */
export async function findInArchivesOf(
  folder: string,
  paths: readonly string[],
  options: FindOptions,
  found: Findings,
): Promise<void> {
  const { archivesOfFolders = true } = options
  const withPictures = new Set(
    found.pictures.map(({ path }) => (path === undefined ? undefined : resolve(dirname(path)))),
  )
  for (const path of wantedOf(paths, folder, options, found)) {
    const isPassed = !archivesOfFolders || withPictures.has(resolve(dirname(path)))
    if (isPassed && !(await hasStatistics(path))) {
      const reason = `to caption what is in it, name it or write "*${extname(path)}"`
      found.leftOut.push({ label: path, kind: 'archive beside pictures', reason })
    } else {
      await findOrFail(path, options, found, folder)
    }
  }
}

/** Without those that are excluded, and those that FloCap itself has written. */
function wantedOf(
  paths: readonly string[],
  folder: string,
  { exclude = [], out }: FindOptions,
  { leftOut }: Findings,
): readonly string[] {
  const isExcluded = createExclusion(exclude)
  const captions = out !== undefined && isInside(folder, out) ? out : undefined
  return paths.filter((path) => {
    const name = relative(resolve(folder), resolve(path))
    if (isExcluded(name.replaceAll(sep, '/'))) return false
    const isOurs = isInside(captions, path) || dirname(name).split(sep).some(isOfCaptions)
    if (isOurs) leftOut.push({ label: path, kind: extname(path), reason: 'written by FloCap' })
    return !isOurs
  })
}

function isOfCaptions(folder: string): boolean {
  return folder.endsWith(CAPTIONS_ENDING)
}

function isInside(folder: string | undefined, path: string): boolean {
  return folder !== undefined && resolve(path).startsWith(`${resolve(folder)}${sep}`)
}

/** One that cannot be read does not stop the others. */
async function findOrFail(
  path: string,
  options: FindOptions,
  found: Findings,
  folder: string,
): Promise<void> {
  try {
    await findInArchive(path, options, found, folder)
  } catch (error) {
    found.failures.push({ label: path, error: toFlocapError(error) })
  }
}

async function assertFile(path: string): Promise<void> {
  try {
    assertPlain(await stat(path))
  } catch (error) {
    throw readError(path, error)
  }
}

async function hasStatistics(path: string): Promise<boolean> {
  try {
    const name = path.slice(0, path.length - extname(path).length) + SHARD_STATISTICS
    return (await stat(name)).isFile()
  } catch {
    return false
  }
}
