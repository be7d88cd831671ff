// Requests as real clients send them, kept beside the reference data: the built program answers all of
// those about structured answers and forced tools.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startServerForTest } from '../support/program.ts'
import { referencePath } from '../support/reference-data.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CASES = referencePath('clients-cases/cases.mjs')
const SAMPLES = fileURLToPath(new URL('../../models/flocap-demo/samples/', import.meta.url))
/** Compiling the bundled model and some twenty captions on a busy machine. */
const TIMEOUT_MS = 180_000

it.skipIf(!existsSync(CASES))(
  'answers what clients send for structured answers and tools',
  async () => {
    const server = await startServerForTest([], {
      environment: { FLOCAP_HOME: temporaryFolder() },
    })
    await server.printed('Ready')
    const { stdout } = await promisify(execFile)(process.execPath, [CASES, server.url], {
      env: { SAMPLES },
    })
    const lines = stdout.split('\n').filter((line) => /^(?:PASS|FAIL) [ST]\d/.test(line))
    expect(lines).toHaveLength(14)
    expect(lines.filter((line) => !line.startsWith('PASS'))).toEqual([])
  },
  TIMEOUT_MS,
)
