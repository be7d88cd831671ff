// Ten kills of the whole server over a batch of 2,000 lines: each line is answered once.
import { expect, it } from 'vitest'
import { failingOf, killOverBatch } from '../support/batch-kills.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordResult, share } from './record-result.ts'

it('answers each line of a batch once, whenever the server is killed', async () => {
  const lines = share(2_000)
  const kills = share(10)
  const result = await killOverBatch({ lines, kills, home: temporaryFolder() })
  recordResult({
    name: 'batches',
    done: `${kills} times SIGKILL to the server and its engine at random moments over a batch of ${lines} lines, a tenth of which fail by themselves`,
    numbers: {
      completed: result.completed,
      failed: result.failed,
      missing: result.missing.length,
      'twice there': result.twice.length,
      'lines done at the kills': result.killedAt.join(' '),
    },
  })
  expect(result).toMatchObject({
    status: 'completed',
    missing: [],
    twice: [],
    completed: lines - failingOf(lines),
    failed: failingOf(lines),
    counts: { total: lines, completed: lines - failingOf(lines), failed: failingOf(lines) },
  })
})
