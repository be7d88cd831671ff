// Where FloCap keeps what it can make again: the place that each platform has for that.
import { join } from 'node:path'

export interface Platform {
  readonly name: NodeJS.Platform
  /** The user's own folder. */
  readonly userFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** @returns an absolute path; the folder need not exist. */
export function defaultHome({ name, userFolder, environment }: Platform): string {
  if (name === 'win32') {
    return join(environment['LOCALAPPDATA'] || join(userFolder, 'AppData', 'Local'), 'flocap')
  }
  if (name === 'darwin') return join(userFolder, 'Library', 'Caches', 'flocap')
  return join(environment['XDG_CACHE_HOME'] || join(userFolder, '.cache'), 'flocap')
}
