// `flocap mcp` and /mcp as agents meet them: the built program, the demo model, the protocol's client.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { childrenOf } from '../support/ask-server.ts'
import { PROGRAM, type RunningServer, startServer } from '../support/program.ts'
import { listRightSamples, readSample, referenceCaption } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const SAMPLES = fileURLToPath(new URL('../../models/flocap-demo/samples/', import.meta.url))
const SAMPLE = listRightSamples()[0]!.file
const CAPTION = referenceCaption(SAMPLE, '<MORE_DETAILED_CAPTION>')
const FILE = join(SAMPLES, SAMPLE)
const DATA_URL = `data:image/png;base64,${readSample(SAMPLE).toString('base64')}`
const SCHEMA = {
  type: 'object',
  properties: {
    description: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['description', 'tags'],
}

const MODES = [
  ['legacy', 'legacy'],
  ['auto', 'auto'],
  ['pinned', { pin: '2026-07-28' }],
] as const

const Base = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  model: z.literal('flocap-demo'),
  demo: z.literal(true),
  truncated: z.boolean(),
})
const Captions = z.object({ captions: z.array(Base.extend({ caption: z.string() })) })
const Findings = z.object({
  findings: z.array(z.object({ box: z.array(z.number()), score: z.number() })),
})

const home = createFolder()
const environment = { ...process.env, FLOCAP_HOME: home, FLOCAP_MODEL: 'bundled' }
let server: RunningServer

beforeAll(async () => {
  server = await startServer(['--mcp-root', SAMPLES], {
    environment: { FLOCAP_HOME: home, FLOCAP_MODEL: 'bundled' },
  })
  await server.printed('Ready')
})

afterAll(async () => {
  await server.stop('SIGKILL')
  removeFolder(home)
})

function overStdio(args: readonly string[] = []): StdioClientTransport {
  return new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, 'mcp', '--mcp-root', SAMPLES, ...args],
    env: { ...environment, PATH: process.env['PATH'] ?? '' },
    stderr: 'ignore',
  })
}

const TRANSPORTS = [
  ['standard input', () => overStdio()],
  ['HTTP', () => new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`))],
  ['standard input, with --server', () => overStdio(['--server', server.url])],
] as const

describe.each(TRANSPORTS)('every tool over %s', (_transport, connect) => {
  it.each(MODES)('for a client in the mode %s', async (_name, mode) => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
    onTestFinished(async () => client.close())
    await client.connect(connect())
    const call = async (name: string, args: Record<string, unknown>) => {
      const result = await client.callTool({ name, arguments: args })
      expect(result.isError, JSON.stringify(result.content)).toBeUndefined()
      return result
    }
    const { tools } = await client.listTools()
    expect(tools).toHaveLength(6)

    const captioned = await call('caption_image', { images: [FILE, DATA_URL], detail: 'long' })
    const { captions } = Captions.parse(captioned.structuredContent)
    expect(captions.map(({ caption }) => caption)).toEqual([CAPTION, CAPTION])
    const found = await call('find_objects', { image: FILE, annotate: true })
    expect(Findings.parse(found.structuredContent).findings.length).toBeGreaterThan(0)
    expect(found.content.map(({ type }) => type)).toEqual(['text', 'image'])
    const others = [
      await call('read_text', { image: FILE, where: true }),
      await call('find_objects', { image: DATA_URL, query: 'a house', outlines: true }),
      await call('describe_region', { image: FILE, box: [0, 0, 1, 1], unit: 'fraction' }),
      await call('describe_screen', { image: FILE, annotate: true }),
      await call('extract', { image: FILE, schema: SCHEMA }),
    ]
    for (const { content, structuredContent } of others) {
      expect(content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/./) })
      Base.parse(structuredContent)
    }
    const refused = await client.callTool({
      name: 'read_text',
      arguments: { image: '/etc/passwd' },
    })
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^Expected .* got one outside\..*--mcp-root/) }],
    })
  })
})

/** Started by hand, spoken to in lines. */
class Lines {
  readonly child: ChildProcess
  readonly #lines: string[] = []
  readonly ended: Promise<number | null>

  constructor(args: readonly string[] = [], folder = home) {
    this.child = spawn(process.execPath, [PROGRAM, 'mcp', '--mcp-root', SAMPLES, ...args], {
      env: { ...environment, FLOCAP_HOME: folder },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.ended = new Promise((resolve) => this.child.on('close', resolve))
    createInterface({ input: this.child.stdout! }).on('line', (line) => this.#lines.push(line))
    onTestFinished(() => {
      this.child.kill('SIGKILL')
    })
  }

  send(message: Record<string, unknown>): void {
    this.child.stdin!.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }

  /** Every line is a message: nothing else may stand on standard output. */
  messages(): Record<string, unknown>[] {
    const Message = z.looseObject({ jsonrpc: z.literal('2.0') })
    return this.#lines.map((line) => Message.parse(JSON.parse(line)))
  }

  async answer(id: number): Promise<Record<string, unknown>> {
    await expect.poll(() => this.messages().some((each) => each['id'] === id)).toBe(true)
    return this.messages().find((each) => each['id'] === id) ?? {}
  }
}

const INITIALIZE = {
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  },
}

const READ = { name: 'read_text', arguments: { image: FILE }, _meta: { progressToken: 'p' } }

describe('flocap mcp', () => {
  it('answers before its model is compiled; the first call waits, and says so', async () => {
    const empty = createFolder()
    onTestFinished(() => removeFolder(empty))
    const lines = new Lines([], empty)
    lines.send(INITIALIZE)
    await lines.answer(1)
    lines.send({ id: 2, method: 'tools/call', params: READ })
    expect(await lines.answer(2)).toMatchObject({ result: { structuredContent: { demo: true } } })
    const order = lines.messages().map((each) => each['id'] ?? each['method'])
    expect(order.slice(0, 2)).toEqual([1, 'notifications/progress'])
    expect(JSON.stringify(lines.messages()[1])).toContain('The model is being loaded (0 s).')
  })

  it('speaks JSON to who sends none, and goes on', async () => {
    const lines = new Lines()
    lines.child.stdin!.write('this is no JSON\n{"jsonrpc":"2.0"}\n[]\n\n')
    lines.send(INITIALIZE)
    expect(await lines.answer(1)).toMatchObject({ result: { serverInfo: { name: 'flocap' } } })
  })

  it('refuses a message beyond the limit by its id, and takes large ones below it', async () => {
    const lines = new Lines(['--max-body-mb', '8'])
    lines.send(INITIALIZE)
    await lines.answer(1)
    const call = (id: number, bytes: number): void => {
      const noise = Buffer.concat([readSample(SAMPLE), Buffer.alloc(bytes)]).toString('base64')
      const image = `data:image/png;base64,${noise}`
      const params = { name: 'read_text', arguments: { image } }
      lines.send({ method: 'tools/call', params, id })
    }
    call(2, 9_000_000)
    call(3, 5_000_000)
    lines.send({ id: 4, method: 'ping' })
    expect(await lines.answer(2)).toMatchObject({
      error: { message: expect.stringMatching(/^Expected a message of at most 8.*--max-body-mb/) },
    })
    expect(await lines.answer(3)).toMatchObject({ result: { structuredContent: { demo: true } } })
    expect(await lines.answer(4)).toMatchObject({ result: {} })
  })

  it('answers none of the calls that were cancelled, and the next one at once', async () => {
    const lines = new Lines()
    lines.send(INITIALIZE)
    await lines.answer(1)
    lines.send({ id: 2, method: 'tools/call', params: READ })
    await lines.answer(2)
    const ids = Array.from({ length: 40 }, (_, at) => 10 + at)
    for (const id of ids) {
      // Each a picture of its own, or they would share one run.
      const picture = Buffer.concat([readSample(SAMPLE), Buffer.from([id])]).toString('base64')
      const image = `data:image/png;base64,${picture}`
      lines.send({
        id,
        method: 'tools/call',
        params: { name: 'describe_screen', arguments: { image } },
      })
    }
    for (const requestId of ids)
      lines.send({ method: 'notifications/cancelled', params: { requestId } })
    lines.send({
      id: 100,
      method: 'tools/call',
      params: { ...READ, arguments: { image: FILE, where: true } },
    })
    expect(await lines.answer(100)).toMatchObject({ result: { structuredContent: { demo: true } } })
    expect(lines.messages().filter((each) => ids.includes(Number(each['id'])))).toEqual([])
  })

  it.each(['its input ends', 'SIGTERM'] as const)(
    'ends when %s, in the middle of work, and its engine with it',
    async (end) => {
      const lines = new Lines()
      lines.send(INITIALIZE)
      lines.send({ id: 2, method: 'tools/call', params: READ })
      await lines.answer(2)
      const engines = existsSync('/proc') ? childrenOf(lines.child.pid!) : []
      lines.send({ id: 3, method: 'tools/call', params: { ...READ, name: 'describe_screen' } })
      if (end === 'SIGTERM') lines.child.kill('SIGTERM')
      else lines.child.stdin!.end()
      expect(await lines.ended).toBe(0)
      for (const engine of engines) {
        await expect.poll(() => existsSync(`/proc/${engine}/stat`)).toBe(false)
      }
    },
  )

  it('ends when nobody reads what it says', async () => {
    const lines = new Lines()
    lines.send(INITIALIZE)
    await lines.answer(1)
    lines.child.stdout!.destroy()
    lines.send({ id: 2, method: 'tools/list' })
    lines.send({ id: 3, method: 'tools/list' })
    expect(await lines.ended).toBe(0)
  })

  it('says on standard error what is wrong with a folder, and nothing on standard output', async () => {
    const lines = new Lines(['--mcp-root', '/nothing'])
    expect(await lines.ended).toBe(1)
    expect(lines.messages()).toEqual([])
  })
})
