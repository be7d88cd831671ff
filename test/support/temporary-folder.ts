// A folder of its own for each test, removed when the test is over.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Call it inside a test or a `beforeEach` hook. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flocap-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
