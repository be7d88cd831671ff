// What a path leads to.
import { stat } from 'node:fs/promises'

/** False for what is not there or cannot be looked at, too: reading it says what is wrong with it. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
