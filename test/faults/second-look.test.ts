// A second look by somebody who wrote none of it: requests, bodies, pictures, calls of tools, folders,
// archives and a review of kinds that no other test has. None may crash, hang, leak or lie.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMetric } from './second-look/read-metric.ts'
import { PASSWD_LINE } from '../support/passwd-line.ts'
import { figuresOf } from '../support/process-figures.ts'
import { type RunningServer, startServer } from '../support/program.ts'
import { referenceCaption, readSample } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'
import { recordResult } from './record-result.ts'
import { JSON_BODIES } from './second-look/json-bodies.ts'
import { HOSTILE_PICTURES } from './second-look/pictures.ts'
import { RAW_REQUESTS } from './second-look/raw-requests.ts'
import { HOSTILE_CALLS } from './second-look/tool-calls.ts'
import { sendRaw } from './second-look/send-raw.ts'

/** What is looked at longer hangs, on the slowest machine too. */
const ANSWER_MS = 60_000
const MAX_RESIDENT_MB = 500
const CAPTION = '/api/v1/caption?task=caption&num_beams=1'

const home = createFolder()
let server: RunningServer
let before: ReturnType<typeof figuresOf>
const numbers: Record<string, number | string> = {}

beforeAll(async () => {
  server = await startServer(['--model', 'bundled'], { environment: { FLOCAP_HOME: home } })
  await server.printed('Ready')
  await captionHonestly()
  before = figuresOf(server.child.pid!)
})

afterAll(async () => {
  await server.stop('SIGKILL')
  removeFolder(home)
  recordResult({
    name: 'second-look',
    done: 'raw requests, JSON bodies, pictures and calls of tools of kinds that no other test has, to one server; afterwards the same server and the same engine answer as before',
    numbers,
  })
})

async function captionHonestly(): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/caption?task=caption`, {
    method: 'POST',
    headers: { accept: 'text/plain' },
    body: Uint8Array.from(readSample('scene-02.png')),
  })
  return (await response.text()).trim()
}

async function post(path: string, type: string, body: string | Uint8Array) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': type, accept: 'application/json, text/event-stream' },
    body: typeof body === 'string' ? body : Uint8Array.from(body),
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  return { status: response.status, text: await response.text() }
}

const isRefusal = (status: number): boolean => status >= 400 && status < 500

/** No file of the machine, and no fault of FloCap's own. */
function expectNothingInside(text: string): void {
  expect(text).not.toContain(PASSWD_LINE)
  expect(text).not.toMatch(/internal_error/)
}

describe('raw requests', () => {
  it.each(RAW_REQUESTS)('$name', async ({ bytes, serves }) => {
    const { status, text } = await sendRaw(server.url, bytes, ANSWER_MS)
    expectNothingInside(text)
    // Node itself says that it does not implement a coding or a version.
    const isRefused = status === undefined || isRefusal(status) || status === 501 || status === 505
    expect(isRefused || (serves && status < 400) ? 'as it should' : `${status} ${text}`).toBe(
      'as it should',
    )
  })
})

describe('bodies of JSON', () => {
  it.each(JSON_BODIES)('$name', async ({ path, body, serves }) => {
    const { status, text } = await post(path, 'application/json', body)
    expectNothingInside(text)
    const isRight = isRefusal(status) || (serves === true && status === 200)
    expect(isRight ? 'as it should' : `${status} ${text.slice(0, 500)}`).toBe('as it should')
  })
})

describe('pictures', () => {
  it.each(HOSTILE_PICTURES)('$name', async ({ bytes, serves }) => {
    const { status, text } = await post(CAPTION, 'application/octet-stream', bytes)
    expectNothingInside(text)
    const isRight = isRefusal(status) || (serves && status === 200)
    expect(isRight ? 'as it should' : `${status} ${text.slice(0, 500)}`).toBe('as it should')
  })
})

describe('calls of tools', () => {
  it.each(HOSTILE_CALLS)('$name', async ({ body }) => {
    const { status, text } = await post('/mcp', 'application/json', body)
    expectNothingInside(text)
    const isRight = isRefusal(status) || /"isError":true|"error":\{/.test(text)
    expect(isRight ? 'as it should' : `${status} ${text.slice(0, 500)}`).toBe('as it should')
  })
})

describe('afterwards', () => {
  it('the same server and the same engine answer as before, and hold no more', async () => {
    expect(await captionHonestly()).toBe(referenceCaption('scene-02.png', '<CAPTION>'))
    expect(server.child.exitCode).toBeNull()
    expect(await readMetric(server.url, 'flocap_engine_restarts_total')).toBe(0)
    await expect
      .poll(() => figuresOf(server.child.pid!).descriptors - before.descriptors)
      .toBeLessThan(8)
    expect(await readMetric(server.url, 'flocap_running')).toBe(0)
    const residentMb = Math.round(figuresOf(server.child.pid!).residentKb / 1024)
    expect(residentMb).toBeLessThan(MAX_RESIDENT_MB)
    // No stack of a fault of ours.
    expect(server.stderr()).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m)
    const attacks = { RAW_REQUESTS, JSON_BODIES, HOSTILE_PICTURES, HOSTILE_CALLS }
    const count = Object.values(attacks).reduce((sum, { length }) => sum + length, 0)
    expect(count).toBeGreaterThan(200)
    numbers['attacks'] = count
    numbers['memory of the HTTP process before, after (MB)'] =
      `${Math.round(before.residentKb / 1024)}, ${residentMb}`
  })
})
