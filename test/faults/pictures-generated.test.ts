// Every picture that `tools/python/many_pictures.py` made, as it is: whole ones are captioned, the others
// captioned or refused, and no answer is the server's own failure. FLOCAP_PICTURES names their folder.
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { expect, it } from 'vitest'
import { askCaption, readMetrics } from '../support/ask-server.ts'
import { startServerForTest } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordResult } from './record-result.ts'

const FOLDER = process.env['FLOCAP_PICTURES']
const CLIENTS = 4

interface Tally {
  captioned: number
  refused: number
}

it.skipIf(FOLDER === undefined)('answers every generated picture', async () => {
  const folder = FOLDER ?? ''
  const server = await startServerForTest(['--answer-cache-mb', '0', '--engine-timeout', '30'], {
    environment: { FLOCAP_HOME: temporaryFolder() },
  })
  await server.printed('Ready')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  const tallies = new Map<string, Tally>()
  const failures: string[] = []
  const surprises: string[] = []
  const pending = files.values()
  const client = async (): Promise<void> => {
    for (const file of pending) {
      const kind = file.split(sep).at(-2) ?? ''
      const { status, body } = await askCaption(server.url, readFileSync(file), {
        query: 'task=caption&num_beams=1&max_new_tokens=3',
      })
      const tally = tallies.get(kind) ?? { captioned: 0, refused: 0 }
      tallies.set(kind, tally)
      if (status === 200) tally.captioned += 1
      else tally.refused += 1
      if (status >= 500) failures.push(`${file}: ${status} ${body}`)
      const expected = { whole: [200], refused: [400] }[kind] ?? [200, 400, 413]
      if (!expected.includes(status)) surprises.push(`${file}: ${status} ${body}`)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const metrics = await readMetrics(server.url)
  const restarts = ['died', 'hung'].map(
    (cause) => metrics.get(`flocap_engine_restarts_total{cause="${cause}"}`) ?? NaN,
  )
  recordResult({
    name: 'pictures: generated',
    done: `${files.length} pictures by tools/python/many_pictures.py`,
    numbers: {
      ...Object.fromEntries(
        [...tallies].map(([kind, { captioned, refused }]) => [
          `${kind}: captioned, refused`,
          `${captioned}, ${refused}`,
        ]),
      ),
      'answers of 500 and above': failures.length,
      'engines that died, hung': restarts.join(', '),
    },
  })
  expect(failures).toEqual([])
  expect(surprises).toEqual([])
  expect(restarts).toEqual([0, 0])
})
