// Whether a person has locked a picture's caption: a lock belongs to the picture, whatever it is called.
//
// A picture that was renamed keeps its lock, another one in its place does not get it, and a copy has a
// caption of its own, which is locked by itself.
import { join } from 'node:path'
import { systemCode } from '../../base/system-errors.ts'
import { type PictureFile, pictureOnDisk, type Stamp } from '../inputs/picture-file.ts'
import type { PictureDigests } from './picture-digests.ts'
import type { Lock, LockIndex } from './lock-index.ts'

export type LockState =
  | 'locked'
  | 'open'
  /** Another picture had the lock under this name. */
  | 'replaced'

type Looked = Pick<PictureFile, 'name' | 'stamp' | 'read'>

/** @param output the folder that names are within. */
export function createLocks(
  output: string,
  index: Omit<LockIndex, 'add' | 'clear'>,
  digests: PictureDigests,
) {
  /** @throws FlocapError `missing_image` when the picture has to be read and cannot be. */
  async function stateOf(picture: Looked, known?: Stamp): Promise<LockState> {
    if (index.isEmpty()) return 'open'
    const own = index.byName(picture.name)
    const stamp = known ?? (await picture.stamp())
    if (own !== undefined && isSame(own, stamp)) return own.locked ? 'locked' : 'open'
    const other = own?.locked === true ? 'replaced' : 'open'
    if (!index.knowsSize(stamp.size)) return other
    const digest = await digests.of(picture, stamp)
    if (own?.sha256 === digest) return own.locked ? 'locked' : 'open'
    for (const lock of index.byDigest(digest)) {
      // A copy is there: the lock is that one's.
      if (await isStillThere(lock, picture.name)) continue
      return lock.locked ? 'locked' : other
    }
    return other
  }

  async function isStillThere(lock: Lock, unless: string): Promise<boolean> {
    // Where letters of both cases are one name, it would find the renamed picture itself.
    if (fold(lock.name) === fold(unless)) return false
    const path = join(output, lock.name)
    const picture = pictureOnDisk(path, { label: path, name: lock.name, output })
    try {
      const stamp = await picture.stamp()
      if (isSame(lock, stamp)) return true
      return lock.size === stamp.size && (await digests.of(picture, stamp)) === lock.sha256
    } catch (error) {
      if (isGone(error)) return false
      throw error
    }
  }

  return { stateOf }
}

function isSame(lock: Lock, { size, mtimeMs }: Stamp): boolean {
  return lock.size === size && lock.mtimeMs === mtimeMs
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')
}

/** One for names that are the same file on the disks of Windows and macOS. */
function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
