// A disk of a few megabytes, made of memory: Linux, and only for root.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MOUNT = '/usr/bin/mount'
const UMOUNT = '/usr/bin/umount'

export interface SmallDisk {
  readonly path: string
  remount(options: string): void
  remove(): void
}

/** @param options of tmpfs, such as `size=20m`. @returns undefined where it cannot be made. */
export function mountSmallDisk(options: string): SmallDisk | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const path = mkdtempSync(join(tmpdir(), 'flocap-disk-'))
  if (!run(MOUNT, ['-t', 'tmpfs', '-o', options, 'tmpfs', path])) {
    rmdirSync(path)
    return undefined
  }
  return {
    path,
    remount(changed) {
      if (!run(MOUNT, ['-o', `remount,${changed}`, path])) throw new Error(`cannot remount ${path}`)
    },
    remove() {
      run(UMOUNT, ['-l', path])
      rmdirSync(path)
    },
  }
}

/** Whether such disks can be made here, for tests to skip with a word. */
export const HAS_SMALL_DISKS = canMount()

function canMount(): boolean {
  const disk = mountSmallDisk('size=1m')
  disk?.remove()
  return disk !== undefined
}

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args).status === 0
}
