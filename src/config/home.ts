// Where FloCap keeps what it can make again: the place that each platform has for that.
import { posix, win32 } from 'node:path'

export interface Platform {
  readonly name: NodeJS.Platform
  /** The user's own folder. */
  readonly userFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * `$XDG_CACHE_HOME` or `~/.cache` on Linux and others, `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on
 * Windows, with `flocap` in it. A variable that is empty or relative counts as unset, as the XDG
 * specification asks: otherwise the folder would depend on where FloCap was started.
 *
 * @returns an absolute path; the folder need not exist.
 */
export function defaultHome({ name, userFolder, environment }: Platform): string {
  const path = name === 'win32' ? win32 : posix
  const folderIn = (variable: string, otherwise: string): string => {
    const folder = environment[variable] ?? ''
    return path.join(path.isAbsolute(folder) ? folder : path.join(userFolder, otherwise), 'flocap')
  }
  if (name === 'win32') return folderIn('LOCALAPPDATA', 'AppData/Local')
  if (name === 'darwin') return path.join(userFolder, 'Library/Caches/flocap')
  return folderIn('XDG_CACHE_HOME', '.cache')
}
