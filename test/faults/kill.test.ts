// Fifty kills of the engine under four clients: no answer is lost and none is wrong.
import { expect, it } from 'vitest'
import { killEngines } from '../support/kill-engines.ts'
import { startServerForTest } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordResult, share } from './record-result.ts'

it('loses no answer to engines that are killed', async () => {
  const server = await startServerForTest(['--answer-cache-mb', '0', '--engine-timeout', '4'], {
    environment: { FLOCAP_HOME: temporaryFolder() },
  })
  await server.printed('Ready')
  const kills = share(50)
  const result = await killEngines(server, kills)
  recordResult({
    name: 'kill',
    done: `${kills} times SIGKILL, SIGSEGV or SIGSTOP to the engine, under 4 clients`,
    numbers: {
      answers: result.answers,
      lost: result.lost.length,
      wrong: result.wrong,
      restarts: result.restarts,
      'slowest (ms)': result.slowestMs,
    },
  })
  expect(result).toMatchObject({ lost: [], wrong: 0 })
  expect(result.restarts).toBeGreaterThanOrEqual(kills)
})
