// instructor, pydantic-ai, LangChain and OpenAI's client for Python, where Python has them.
import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { PNG_DATA_URL } from '../support/pictures.ts'
import { createRecordedCaptioner } from '../support/recorded-answers.ts'
import { useLiveServers } from './live-server.ts'

const SCRIPT = fileURLToPath(new URL('python_clients.py', import.meta.url))
const IMPORTS = 'import instructor, langchain_openai, openai, pydantic_ai'
/** Importing all of them takes seconds. */
const TIMEOUT_MS = 180_000

const python = [process.env['FLOCAP_PYTHON'], 'python3'].find((each) => {
  return each !== undefined && spawnSync(each, ['-c', IMPORTS]).status === 0
})

const start = useLiveServers()

it.skipIf(python === undefined)(
  'Python clients get structured answers',
  async () => {
    const { url } = await start({}, { captioner: createRecordedCaptioner() })
    const run = promisify(execFile)
    const { stdout } = await run(python ?? '', [SCRIPT, `${url}/v1`, PNG_DATA_URL])
    const photo = {
      title: 'An anchor and a trophy on a white and lime background',
      tags: ['anchor', 'trophy'],
      mood: null,
    }
    expect(JSON.parse(stdout)).toEqual({
      openai: photo,
      'instructor TOOLS': photo,
      'instructor JSON': photo,
      'instructor JSON_SCHEMA': photo,
      'pydantic-ai tool': photo,
      'pydantic-ai native': photo,
      'langchain json_schema': photo,
      'langchain function_calling': photo,
      'langchain json_mode': photo,
    })
  },
  TIMEOUT_MS,
)
