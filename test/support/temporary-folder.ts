// Folders that tests write into.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty folder that the caller removes. */
export function createFolder(): string {
  return mkdtempSync(join(tmpdir(), 'flocap-test-'))
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** An empty folder that is removed when the test ends; call it inside a test. */
export function temporaryFolder(): string {
  const folder = createFolder()
  onTestFinished(() => removeFolder(folder))
  return folder
}
