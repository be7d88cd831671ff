// What is in a folder; nothing where there is no folder.
import { readdir } from 'node:fs/promises'
import { systemCode } from '../base/system-errors.ts'

export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
