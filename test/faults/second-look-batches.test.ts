// The second look at files, batches, keys in addresses, rules for texts and the tools over HTTP: what a
// stranger, a client with another key or a broken program sends there.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PASSWD_LINE } from '../support/passwd-line.ts'
import { PNG, PNG_BASE64 } from '../support/pictures.ts'
import { figuresOf } from '../support/process-figures.ts'
import { type RunningServer, startServer } from '../support/program.ts'
import { referenceCaption, readSample } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'
import { recordResult } from './record-result.ts'
import { CONTENT, HOSTILE_REQUESTS } from './second-look/batch-requests.ts'
import {
  HOSTILE_INPUTS,
  HOSTILE_RULES,
  REFUSED_LINE_COUNT,
  REFUSED_LINES,
} from './second-look/batch-lines.ts'
import { KEY, KEYS_IN_PATHS, OTHER_KEY, TOOL_REQUESTS } from './second-look/keys-and-tools.ts'
import { readMetric } from './second-look/read-metric.ts'
import { sendRaw } from './second-look/send-raw.ts'

const ANSWER_MS = 60_000
const LOOK_MS = 50
const MAX_RESIDENT_MB = 400

const home = createFolder()
let server: RunningServer
let before: ReturnType<typeof figuresOf>
const numbers: Record<string, number | string> = {}
let others = 0

const Stored = z.object({ id: z.string() })
const State = z.object({
  id: z.string(),
  status: z.string(),
  error_file_id: z.string().nullable(),
  output_file_id: z.string().nullable(),
  errors: z
    .object({ data: z.array(z.object({ code: z.string(), message: z.string() })) })
    .nullable(),
  request_counts: z.object({ total: z.number(), completed: z.number(), failed: z.number() }),
})

beforeAll(async () => {
  server = await startServer(['--model', 'bundled', '--api-key', `${KEY},${OTHER_KEY}`], {
    environment: { FLOCAP_HOME: home },
  })
  await server.printed('Ready')
  await captionHonestly()
  before = figuresOf(server.child.pid!)
})

afterAll(async () => {
  await server.stop('SIGKILL')
  removeFolder(home)
  recordResult({
    name: 'second-look: batches',
    done: 'requests about files and batches, inputs of batches, rules for texts, keys in addresses and calls of tools of kinds that no other test has, to one server with two keys; afterwards it answers as before',
    numbers,
  })
})

const authorization = (key: string) => ({ authorization: `Bearer ${key}` })

/** Headers as an object. */
type AskInit = Omit<RequestInit, 'headers'> & {
  readonly headers?: Readonly<Record<string, string>>
}

async function ask(path: string, { headers = {}, ...init }: AskInit = {}, key = KEY) {
  const response = await fetch(server.url + path, {
    ...init,
    headers: { ...authorization(key), ...headers },
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  return { status: response.status, text: await response.text() }
}

async function captionHonestly(): Promise<string> {
  const { text } = await ask('/api/v1/caption?task=caption', {
    method: 'POST',
    headers: { accept: 'text/plain' },
    body: Uint8Array.from(readSample('scene-02.png')),
  })
  return text.trim()
}

async function upload(content: string | Uint8Array, purpose = 'batch', key = KEY): Promise<string> {
  const form = new FormData()
  form.set('purpose', purpose)
  form.set(
    'file',
    new Blob([typeof content === 'string' ? content : Uint8Array.from(content)]),
    'x',
  )
  const { status, text } = await ask('/v1/files', { method: 'POST', body: form }, key)
  expect([status, text]).toEqual([200, expect.any(String)])
  return Stored.parse(JSON.parse(text)).id
}

async function runBatch(
  content: string | Uint8Array,
  endpoint = '/v1/chat/completions',
  key = KEY,
) {
  const request = {
    input_file_id: await upload(content, 'batch', key),
    endpoint,
    completion_window: '1h',
  }
  const made = await ask('/v1/batches', { method: 'POST', body: JSON.stringify(request) }, key)
  expect([made.status, made.text]).toEqual([200, expect.any(String)])
  const { id } = Stored.parse(JSON.parse(made.text))
  const began = performance.now()
  for (;;) {
    const state = State.parse(JSON.parse((await ask(`/v1/batches/${id}`, {}, key)).text))
    if (['completed', 'failed', 'cancelled', 'expired'].includes(state.status)) return state
    if (performance.now() - began > ANSWER_MS) throw new Error(`${state.status} for a minute`)
    await sleep(LOOK_MS)
  }
}

const isRefusal = (status: number | undefined): boolean =>
  status === undefined || (status >= 400 && status < 500)

function expectNothingInside(text: string): void {
  expect(text).not.toContain(PASSWD_LINE)
  expect(text).not.toMatch(/internal_error/)
  expect(text).not.toContain(home)
}

/** As it is written, without what clients make of a path. */
function rawRequest(
  method: string,
  path: string,
  { type, body = '', headers = authorization(KEY) }: RawParts,
): Buffer {
  const bytes = Buffer.from(body)
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${bytes.byteLength}`,
    'Connection: close',
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes])
}

interface RawParts {
  readonly type?: string | undefined
  readonly body?: string | Buffer | undefined
  readonly headers?: Readonly<Record<string, string>>
}

describe('requests about files and batches', () => {
  let file = ''
  beforeAll(async () => {
    file = await upload('{}')
  })

  it.each(HOSTILE_REQUESTS)('$name', async ({ method, path, type, body, serves }) => {
    const written = typeof body === 'string' ? body.replaceAll('{FILE}', file) : body
    const bytes = rawRequest(method, path, { type, body: written })
    const { status, text } = await sendRaw(server.url, bytes, ANSWER_MS)
    expectNothingInside(text)
    const isRight = isRefusal(status) || (serves && status === 200)
    expect(isRight ? 'as it should' : `${status} ${text}`).toBe('as it should')
    if (path !== '/v1/files' || status !== 200) return
    const { id } = Stored.parse(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)))
    expect((await ask(`/v1/files/${id}/content`)).text).toBe(CONTENT)
    expect((await ask(`/v1/files/${id}`, { method: 'DELETE' })).status).toBe(200)
  })

  it('leave no file but that which was uploaded', async () => {
    const { text } = await ask('/v1/files')
    expect(JSON.parse(text)).toMatchObject({ data: [{ id: file }], has_more: false })
    expect(JSON.parse((await ask('/v1/batches')).text)).toMatchObject({ data: [] })
  })
})

describe('inputs of batches', () => {
  it.each(HOSTILE_INPUTS)('$name', async ({ content }) => {
    const state = await runBatch(content)
    expect(state.status).toBe('failed')
    const told = JSON.stringify(state.errors)
    expectNothingInside(told)
    expect(state.errors?.data[0]?.message).toMatch(/^Expected .*\.$|\.$/)
    expect(told.length).toBeLessThan(100_000)
  })

  it('lines that are refused are refused one by one', async () => {
    const state = await runBatch(REFUSED_LINES)
    const { text } = await ask(`/v1/files/${state.error_file_id}/content`)
    expectNothingInside(text)
    const answered =
      state.output_file_id === null
        ? ''
        : (await ask(`/v1/files/${state.output_file_id}/content`)).text
    expect([state.status, state.request_counts, answered]).toEqual([
      'completed',
      { total: REFUSED_LINE_COUNT, completed: 0, failed: REFUSED_LINE_COUNT },
      '',
    ])
  })

  it('name no file of another key', async () => {
    const id = await upload(PNG, 'vision')
    const body = {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: `file:${id}` }] }],
    }
    const lines = JSON.stringify({
      custom_id: 'a',
      method: 'POST',
      url: '/v1/chat/completions',
      body,
    })
    expect((await runBatch(lines)).request_counts).toMatchObject({ completed: 1 })
    const theirs = await runBatch(lines, '/v1/chat/completions', OTHER_KEY)
    expect(theirs.request_counts).toMatchObject({ completed: 0, failed: 1 })
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/content'],
      ['DELETE', ''],
    ] as const) {
      expect((await ask(`/v1/files/${id}${path}`, { method }, OTHER_KEY)).status).toBe(404)
      others += 1
    }
  })
})

describe('rules for texts', () => {
  it.each(HOSTILE_RULES)('$name', async ({ fields, serves }) => {
    const body = JSON.stringify({
      image: PNG_BASE64,
      task: 'caption',
      max_new_tokens: 5,
      ...fields,
    })
    const { status, text } = await ask('/api/v1/caption', { method: 'POST', body })
    expectNothingInside(text)
    const isRight = isRefusal(status) || (serves && status === 200)
    expect(isRight ? 'as it should' : `${status} ${text.slice(0, 500)}`).toBe('as it should')
  })
})

describe('keys in addresses', () => {
  it.each(KEYS_IN_PATHS)('$name', async ({ path, headers = {}, expected }) => {
    const bytes = rawRequest('GET', path, { headers })
    const { status, text } = await sendRaw(server.url, bytes, ANSWER_MS)
    expectNothingInside(text)
    expect([status, text.includes(KEY)]).toEqual([expected, false])
  })
})

describe('the tools over HTTP', () => {
  it.each(TOOL_REQUESTS)('$name', async ({ method = 'POST', headers, body, serves }) => {
    const bytes = rawRequest(method, '/mcp', {
      headers: { ...authorization(KEY), ...headers },
      body,
    })
    const { status, text } = await sendRaw(server.url, bytes, ANSWER_MS)
    expectNothingInside(text)
    const isRight = isRefusal(status) || (serves === true && status !== undefined && status < 300)
    expect(isRight ? 'as it should' : `${status} ${text}`).toBe('as it should')
  })
})

describe('afterwards', () => {
  it('the same server answers as before, and holds no more', async () => {
    expect(await captionHonestly()).toBe(referenceCaption('scene-02.png', '<CAPTION>'))
    expect(server.child.exitCode).toBeNull()
    expect(await readMetric(server.url, 'flocap_engine_restarts_total', KEY)).toBe(0)
    await expect
      .poll(() => figuresOf(server.child.pid!).descriptors - before.descriptors)
      .toBeLessThan(8)
    const residentMb = Math.round(figuresOf(server.child.pid!).residentKb / 1024)
    expect(residentMb).toBeLessThan(MAX_RESIDENT_MB)
    expect(server.stderr()).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m)
    expect(server.stderr()).not.toContain(KEY)
    const attacks = [
      HOSTILE_REQUESTS,
      HOSTILE_INPUTS,
      HOSTILE_RULES,
      KEYS_IN_PATHS,
      TOOL_REQUESTS,
      { length: REFUSED_LINE_COUNT + others },
    ]
    numbers['attacks'] = attacks.reduce((sum, { length }) => sum + length, 0)
    numbers['memory of the HTTP process before, after (MB)'] =
      `${Math.round(before.residentKb / 1024)}, ${residentMb}`
  })
})
