// instructor, pydantic-ai, LangChain and OpenAI's client for Python, where Python has them.
import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { startBatchServer } from '../support/batch-server.ts'
import { BROKERS } from '../support/brokers.ts'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import { PNG_DATA_URL } from '../support/pictures.ts'
import { createRecordedCaptioner } from '../support/recorded-answers.ts'
import { verifies } from '../contract/support/requirements.ts'
import { startServerForTest } from '../support/program.ts'
import { startWorkerForTest } from '../support/queue-program.ts'
import { samplePath } from '../support/samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { useLiveServers } from './live-server.ts'

const SCRIPT = fileURLToPath(new URL('python_clients.py', import.meta.url))
/** The least; clients beyond it that are not there are said and left out. */
const IMPORTS = 'import openai, pydantic'
/** Importing all of them takes seconds. */
const TIMEOUT_MS = 180_000

const python = [process.env['FLOCAP_PYTHON'], 'python3'].find((each) => {
  return each !== undefined && spawnSync(each, ['-c', IMPORTS]).status === 0
})

const start = useLiveServers()

const Output = z.object({
  answers: z.record(z.string(), z.unknown()),
  missing: z.array(z.string()),
})

it.skipIf(python === undefined)(
  'Python clients get structured answers',
  async (context) => {
    const { url } = await start({}, { captioner: createRecordedCaptioner() })
    const run = promisify(execFile)
    const { stdout } = await run(python ?? '', [SCRIPT, `${url}/v1`, PNG_DATA_URL])
    const photo = {
      title: 'An anchor and a trophy on a white and lime background',
      tags: ['anchor', 'trophy'],
      mood: null,
    }
    const { answers, missing } = Output.parse(JSON.parse(stdout))
    for (const each of missing) await context.annotate(`skipped, not installed: ${each}`)
    expect(answers).toEqual(Object.fromEntries(Object.keys(answers).map((name) => [name, photo])))
    expect(answers).toHaveProperty('openai')
  },
  TIMEOUT_MS,
)

it.skipIf(python === undefined)(
  `OpenAI's client for Python uploads, creates, polls, reads and cancels ${verifies('BATCH-13')}`,
  async () => {
    const { url } = await startBatchServer({ captioner: createFakeCaptioner({ delayMs: 20 }) })
    expect(await askByPython(`${url}/v1`)).toEqual(WELL)
  },
  TIMEOUT_MS,
)

describe.each(BROKERS)('batches whose lines go over a queue on $name', ({ missing, create }) => {
  it.skipIf(missing !== undefined || python === undefined)(
    "OpenAI's client for Python uploads, creates, polls, reads and cancels",
    async () => {
      const broker = await create()
      onTestFinished(() => broker.remove())
      const home = temporaryFolder()
      await startWorkerForTest(broker.url, home)
      const args = ['--queue', broker.url]
      const server = await startServerForTest(args, { environment: { FLOCAP_HOME: home } })
      await server.printed('Ready')
      expect(await askByPython(`${server.url}/v1`)).toEqual(WELL)
    },
    TIMEOUT_MS,
  )
})

const WELL = {
  status: 'completed',
  counts: { completed: 3, failed: 0, total: 3 },
  ids: ['line-0', 'line-1', 'line-2'],
  files: ['batch', 'batch_output', 'vision'],
  batches: true,
  cancelled: 'cancelled',
  deleted: true,
}

async function askByPython(baseUrl: string): Promise<unknown> {
  const script = fileURLToPath(new URL('python_batches.py', import.meta.url))
  const run = promisify(execFile)
  const { stdout } = await run(python ?? '', [script, baseUrl, samplePath('scene-00.png')])
  return JSON.parse(stdout)
}
